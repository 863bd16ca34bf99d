// Command crossplane reads NGINX configurations as JSON on stdin and writes, for each, the tree that NGINX's own
// parser library sees and everything it refuses in strict mode: unknown directives, wrong contexts, wrong arguments.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"sort"
	"strings"

	crossplane "github.com/nginxinc/nginx-go-crossplane"
)

// A testCase is one configuration: its files by absolute path, and the release whose directives it may use.
type testCase struct {
	Files   map[string]string `json:"files"`
	Main    string            `json:"main"`
	Release string            `json:"release"`
}

type node struct {
	Name  string   `json:"name"`
	Args  []string `json:"args"`
	Block *[]node  `json:"block,omitempty"`
}

type problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Message string `json:"message"`
}

type result struct {
	Tree   []node    `json:"tree"`
	Errors []problem `json:"errors"`
}

var releases = map[string]crossplane.MatchFunc{
	"R33": crossplane.MatchNginxPlusR33,
	"R34": crossplane.MatchNginxPlusR34,
	"R35": crossplane.MatchNginxPlusR35,
	"R36": crossplane.MatchNginxPlusR36,
	"R37": crossplane.MatchNginxPlusR37,
	"oss": crossplane.MatchOssLatest,
}

// Directives of a dynamic module are known only to a configuration that loads the module.
var modules = map[string]crossplane.MatchFunc{
	"ngx_http_js_module.so":     crossplane.MatchNjsLatest,
	"ngx_stream_js_module.so":   crossplane.MatchNjsLatest,
	"ngx_otel_module.so":        crossplane.MatchOtelLatest,
	"ngx_http_geoip2_module.so": crossplane.MatchGeoip2Latest,
}

func main() {
	var cases []testCase
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		fail(err)
	}
	results := make([]result, 0, len(cases))
	for _, c := range cases {
		r, err := check(c)
		if err != nil {
			fail(err)
		}
		results = append(results, r)
	}
	if err := json.NewEncoder(os.Stdout).Encode(results); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func check(c testCase) (result, error) {
	release, ok := releases[c.Release]
	if !ok {
		return result{}, fmt.Errorf("release %q: no directive table", c.Release)
	}
	lenient, err := parse(c, &crossplane.ParseOptions{SkipDirectiveContextCheck: true, SkipDirectiveArgsCheck: true})
	if err != nil {
		return refused(c, err), nil
	}
	strict, err := parse(c, &crossplane.ParseOptions{
		ErrorOnUnknownDirectives: true,
		DirectiveSources:         append([]crossplane.MatchFunc{release}, loaded(lenient.Config[0].Parsed)...),
	})
	if err != nil {
		return refused(c, err), nil
	}
	r := result{Tree: nodes(strict.Config[0].Parsed), Errors: []problem{}}
	for _, e := range strict.Errors {
		line := 0
		if e.Line != nil {
			line = *e.Line
		}
		r.Errors = append(r.Errors, problem{e.File, line, e.Error.Error()})
	}
	return r, nil
}

func refused(c testCase, err error) result {
	return result{Tree: []node{}, Errors: []problem{{File: c.Main, Message: err.Error()}}}
}

// parse reads the case's own files and no others, with every include in its place.
func parse(c testCase, options *crossplane.ParseOptions) (*crossplane.Payload, error) {
	options.CombineConfigs = true
	options.Open = func(name string) (io.ReadCloser, error) {
		content, ok := c.Files[path.Clean(name)]
		if !ok {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
		return io.NopCloser(strings.NewReader(content)), nil
	}
	options.Glob = func(pattern string) ([]string, error) {
		var names []string
		for name := range c.Files {
			if ok, err := path.Match(pattern, name); err != nil {
				return nil, err
			} else if ok {
				names = append(names, name)
			}
		}
		sort.Strings(names)
		return names, nil
	}
	return crossplane.Parse(c.Main, options)
}

func loaded(tree crossplane.Directives) []crossplane.MatchFunc {
	var sources []crossplane.MatchFunc
	for _, d := range tree {
		if d.Directive == "load_module" && len(d.Args) == 1 {
			if source, ok := modules[path.Base(d.Args[0])]; ok {
				sources = append(sources, source)
			}
		}
	}
	return sources
}

func nodes(tree crossplane.Directives) []node {
	list := make([]node, 0, len(tree))
	for _, d := range tree {
		n := node{Name: value(d.Directive), Args: make([]string, 0, len(d.Args))}
		for _, arg := range d.Args {
			n.Args = append(n.Args, value(arg))
		}
		if d.IsBlock() {
			block := nodes(d.Block)
			n.Block = &block
		}
		list = append(list, n)
	}
	return list
}

// The parser leaves backslash escapes as written; value is what NGINX makes of them (ngx_conf_read_token).
var value = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\'`, `'`, `\t`, "\t", `\r`, "\r", `\n`, "\n").Replace
