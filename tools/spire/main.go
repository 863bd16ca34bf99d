// Command spire reads configurations from stdin as SPIRE and spiffe-helper read them, by their own packages, and writes what they see as JSON:
// `spire plugins` the plugins of a SPIRE server or agent, after -expandEnv, with the data that each plugin decodes; `spire helper <file>`
// nothing, but what spiffe-helper refuses when it starts.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/hashicorp/hcl"
	"github.com/hashicorp/hcl/hcl/ast"
	"github.com/sirupsen/logrus"
	helper "github.com/spiffe/spiffe-helper/cmd/spiffe-helper/config"
	"github.com/spiffe/spire/pkg/common/catalog"
	"github.com/spiffe/spire/pkg/common/config"
)

// A plugin as SPIRE's catalog hands it over: its data has been printed anew, and is parsed a second time by the plugin.
type plugin struct {
	Type string         `json:"type"`
	Name string         `json:"name"`
	Data map[string]any `json:"data"`
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 1 && args[0] == "plugins":
		return plugins()
	case len(args) == 2 && args[0] == "helper":
		parsed, err := helper.ParseConfig(args[1], true, "daemon-mode")
		if err != nil {
			return err
		}
		return parsed.ValidateConfig(logrus.New())
	}
	return fmt.Errorf("usage: spire plugins | spire helper <file>")
}

func plugins() error {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	var file struct {
		Plugins ast.Node `hcl:"plugins"`
	}
	if err := hcl.Decode(&file, config.ExpandEnv(string(text))); err != nil {
		return err
	}
	configs, err := catalog.PluginConfigsFromHCLNode(file.Plugins)
	if err != nil {
		return err
	}
	seen := []plugin{}
	for _, one := range configs {
		data := ""
		// An empty block is no data.
		if one.DataSource != nil {
			if data, err = one.DataSource.Load(); err != nil {
				return err
			}
		}
		decoded := map[string]any{}
		if err := hcl.Decode(&decoded, data); err != nil {
			return err
		}
		seen = append(seen, plugin{one.Type, one.Name, decoded})
	}
	return json.NewEncoder(os.Stdout).Encode(seen)
}
