import { type Argument, isPlainInput, nearestName } from "../foundation";
import {
  blockLetter,
  blocksOf,
  countsOf,
  type DirectiveForm,
  directivesIn,
  dollarRule,
  formsOf,
  isPlusOnly,
  knownVariable,
  type NginxConfigNode,
  NginxContext,
  takes,
} from "./conf";
import { Edition } from "./edition";
import type { PlacedNode } from "./tree";

/** Modules whose directives the table has. */
const knownModules =
  /(?:^|\/)ngx_(?:stream|(?:http|stream)_(?:js|geoip2?|perl|image_filter|xslt_filter)|http_(?:headers_more_filter|lua)|otel|mail)_module\.so$/;

/** Checks what NGINX's tables of directives say of the nodes that the user wrote: names, places, blocks, numbers of arguments; and that variables are meant as such. */
export function checkTree(all: readonly PlacedNode[], edition: Edition): void {
  const foreignModules = all.some(
    ({ node, path }) => path.length === 0 && node.name === "load_module" && !knownModules.test(String(node.args?.[0])),
  );
  const variables = definedVariables(all);
  for (const placed of all) {
    // A node without a name is refused as such.
    if (!placed.written || typeof placed.node.name !== "string") continue;
    checkVariables(placed, variables);
    const letter = blockLetter(placed.path);
    if (letter === undefined || placed.node.thirdParty || !/^\w+$/.test(placed.node.name)) continue;
    // The printer refuses it.
    if (edition === Edition.oss && isPlusOnly(placed.node.name) && !placed.node.plus) continue;
    const forms = formsOf(placed.node.name);
    if (forms) checkForm(placed, forms, letter);
    else if (!foreignModules) refuseUnknown(placed, letter);
  }
}

function refuseUnknown({ node, argument }: PlacedNode, letter: string): void {
  const near = nearestName(node.name, directivesIn(letter));
  argument()
    .field("name")
    .refuse(
      `is ${JSON.stringify(node.name)}, which is not a directive of NGINX`,
      `${near ? `write ${near}` : "correct it"}, or set thirdParty: true on the node if another module has it`,
    );
}

function checkForm(placed: PlacedNode, forms: DirectiveForm[], letter: string): void {
  const { node, path, argument } = placed;
  const { name, args = [], block } = node;
  const here = forms.filter(({ blocks }) => blocks.includes(letter));
  const fitting = here.filter(({ numbers }) => numbers.includes("{") === (block !== undefined));
  if (here.length === 0)
    argument()
      .field("name")
      .refuse(
        `is ${JSON.stringify(name)}, which NGINX does not allow in ${path.join(" > ") || "main"}`,
        `write it in ${blocksOf(forms).join(", ")}`,
      );
  else if (fitting.length === 0 && block === undefined)
    argument().field("block").refuse(`is missing: ${name} is a block`, "write the nodes inside it; [] for none");
  else if (fitting.length === 0)
    argument().field("block").refuse(`is given for ${name}, which is not a block`, "remove it");
  else if (!fitting.some((form) => takes(form, args.length)))
    argument()
      .field("args")
      .refuse(
        `has ${args.length} ${args.length === 1 ? "word" : "words"}`,
        `write ${countsOf(fitting)}: that is how many ${name} takes, each a word by itself`,
      );
  else if (fitting.every(({ numbers }) => numbers === "f")) argument().field("args").entries()[0]!.known(checkFlag);
}

function checkFlag(word: string, flag: Argument<string>): void {
  if (!/^(?:on|off)$/i.test(word)) flag.refuse(`is ${JSON.stringify(word)}`, 'write "on" or "off"');
}

/** Names of variables that the configuration defines. */
function definedVariables(all: readonly PlacedNode[]): Set<string> {
  const names = new Set<string>();
  for (const { node } of all)
    for (const word of node.args ?? [])
      if (/^(?:map|num_map|geo|set|js_set|js_var|split_clients|keyval|auth_request_set|perl_set)$/.test(node.name))
        if (isPlainInput(word) && /^\$\w+$/.test(word)) names.add(word.slice(1));
  return names;
}

/** Checks that a node says of a known variable whether it is one: NGINX evaluates the directive. */
function checkVariables({ node, path, argument }: PlacedNode, own: ReadonlySet<string>): void {
  if (node.variables !== undefined || node.args === undefined) return;
  const context = path[0] === "http" || path[0] === "stream" ? NginxContext[path[0]] : NginxContext.main;
  if (dollarRule(node.name, path.at(-1), context) !== "variable") return;
  for (const word of argument().field("args").entries())
    word.known((text, known: Argument<string>) => {
      const name = knownVariable(text, own);
      if (name !== undefined)
        known.refuse(
          `has $${name}, the name of a variable, in a directive that NGINX evaluates`,
          "set variables: true on the node for the variable's value, or variables: false for the text",
        );
    });
}

/** Directives that a block may have more than once. */
const repeatable = new Set(
  `
  access_log add_header add_trailer allow auth_http_header auth_jwt_claim_set auth_jwt_header_set auth_jwt_key_file auth_jwt_key_request auth_jwt_require
  auth_request_set auth_require break charset_map debug_connection deny env error_log error_page fastcgi_hide_header fastcgi_param
  fastcgi_pass_header geo grpc_hide_header grpc_pass_header grpc_set_header grpc_ssl_conf_command health_check if include internal_redirect
  js_body_filter js_header_filter js_import js_path js_preload_object js_set js_shared_dict_zone js_var keyval keyval_zone limit_conn limit_conn_zone
  limit_except limit_req limit_req_zone listen load_module location log_format map match more_clear_headers more_clear_input_headers more_set_headers more_set_input_headers
  mqtt_set_connect num_map oidc_provider proxy_bind_dynamic proxy_cache_path proxy_cookie_domain proxy_cookie_flags proxy_cookie_path proxy_hide_header proxy_pass_header
  proxy_set_header proxy_ssl_conf_command return rewrite scgi_hide_header scgi_param scgi_pass_header server server_name set set_real_ip_from split_clients
  ssl_certificate ssl_certificate_key ssl_conf_command ssl_password_file sub_filter thread_pool types upstream userid_domain uwsgi_hide_header
  uwsgi_param uwsgi_pass_header uwsgi_ssl_conf_command
  `
    .trim()
    .split(/\s+/),
);

/**
 * Checks that a snippet of the user's repeats no directive that the component writes in the same block: NGINX would not start.
 *
 * @param snippet the user's nodes
 * @param own the component's nodes in that block
 * @param instead arguments that set those directives, by directive: `{ proxy_timeout: "idleTimeoutSeconds" }`
 */
export function checkRepeated(
  snippet: Argument<NginxConfigNode[] | undefined>,
  own: readonly NginxConfigNode[],
  instead: Readonly<Record<string, string>> = {},
): void {
  const written = new Set(own.map(({ name }) => name));
  for (const node of snippet.entries()) {
    const { name } = node.value;
    if (!written.has(name) || repeatable.has(name)) continue;
    const argument = new Map(Object.entries(instead)).get(name);
    node.refuse(
      `repeats ${name}, which this component writes in the same block`,
      argument ? `write ${argument} instead` : "remove it: NGINX accepts it once",
    );
  }
}
