/** @jest-environment-options {"sharesModules": false} */
import type { NginxConfigNode } from "../../components/nginx";
import { record } from "../../engine";
import { type ComponentClass, exportedComponents } from "./exported-components";
import { validArguments } from "./valid-arguments";

/** Calls while one component is made. */
const mockCalls = {
  /** Runs of a component's own rules, as `<class> <name>`. */
  own: [] as string[],
  /** Classes of contained components that the rules of another one resolve. */
  contained: [] as string[],
  /** Class whose rules run. */
  running: undefined as string | undefined,
  printed: [] as NginxConfigNode[][],
};

/** A function that notes its first argument, or nothing but the call, and then does what it did before. */
function mockNoted<A extends unknown[], R>(actual: (...args: A) => R, note: (...args: A) => void) {
  return (...args: A): R => {
    note(...args);
    return actual(...args);
  };
}

/** The module, with a function that resolves contained components of a class. */
function mockContained(path: string, resolver: string, component: string) {
  const actual = jest.requireActual(path);
  const note = () => mockCalls.running !== component && mockCalls.contained.push(component);
  return { ...actual, [resolver]: mockNoted(actual[resolver], note) };
}

jest.mock("../../components/foundation/arguments/resolve", () => {
  const actual = jest.requireActual("../../components/foundation/arguments/resolve");
  const resolveArguments: typeof actual.resolveArguments = (
    component: string,
    name: string,
    type: string,
    args: object,
    rules: (argument: unknown) => unknown,
  ) =>
    actual.resolveArguments(component, name, type, args, (argument: unknown) => {
      mockCalls.own.push(`${component} ${name}`);
      mockCalls.running = component;
      return rules(argument);
    });
  return { ...actual, resolveArguments };
});
jest.mock("../../components/nginx/resolve", () =>
  mockContained("../../components/nginx/resolve", "resolveNginx", "NginxPlus"),
);
jest.mock("../../components/mesh/spire-server/resolve", () =>
  mockContained("../../components/mesh/spire-server/resolve", "resolveContainedServer", "SpireServer"),
);
jest.mock("../../components/mesh/spire-agent/resolve", () =>
  mockContained("../../components/mesh/spire-agent/resolve", "resolveContainedAgent", "SpireAgent"),
);
jest.mock("../../components/mesh/sidecar-injector/resolve", () =>
  mockContained("../../components/mesh/sidecar-injector/resolve", "resolveContainedInjector", "SidecarInjector"),
);
jest.mock("../../components/mesh/spiffe-csi-driver/spiffe-csi-driver", () =>
  mockContained(
    "../../components/mesh/spiffe-csi-driver/spiffe-csi-driver",
    "resolveContainedDriver",
    "SpiffeCsiDriver",
  ),
);
jest.mock("../../components/nginx/conf/printer", () => {
  const actual = jest.requireActual("../../components/nginx/conf/printer");
  const note = (nodes: NginxConfigNode[]) => mockCalls.printed.push(nodes);
  return {
    ...actual,
    printConfig: mockNoted(actual.printConfig, note),
    printTree: mockNoted(actual.printTree, note),
  };
});

const cases = exportedComponents.flatMap(([name, component]) =>
  (validArguments[name] ?? []).map((args, index) => ({ name, index, component, args })),
);

const ours = "nginx-stacks:index:";

/** Makes a component, and returns the components that it registers beside the calls. */
async function make(component: ComponentClass, args: object) {
  Object.assign(mockCalls, { own: [], contained: [], running: undefined, printed: [] });
  const { requests } = await record(() => void new component("x", args as never), { preview: true });
  return requests
    .filter(({ type }) => type.startsWith(ours))
    .map(({ type, name }) => ({ component: type.slice(ours.length), title: `${type.slice(ours.length)} ${name}` }));
}

const withInner = (node: NginxConfigNode): NginxConfigNode[] => [node, ...(node.block ?? []).flatMap(withInner)];

/** Names of the nodes that are in more than one of the printed configurations. */
function printedTwice(): string[] {
  const calls = mockCalls.printed.map((nodes) => new Set(nodes.flatMap(withInner)));
  const all = calls.flatMap((nodes) => [...nodes]);
  return [...new Set(all.filter((node, index) => all.indexOf(node) !== index))].map(({ name }) => name);
}

/**
 * Components that print a user's snippets on their own first. The file of a Sidecar may wait for settings that are known late;
 * a fault in a snippet is reported at once.
 */
const printSnippetsAhead = ["Sidecar"];

describe.each(cases)("$name: arguments $index", ({ name, component, args }) => {
  let registered: Awaited<ReturnType<typeof make>>;
  beforeAll(async () => {
    registered = await make(component, args);
  });

  test("it and each component in it are resolved once", () => {
    // Each runs its own rules, or is resolved by the component that contains it.
    const containedOnes = registered.filter(({ title }) => !mockCalls.own.includes(title));
    expect(mockCalls.contained.sort()).toEqual(containedOnes.map((one) => one.component).sort());
    const ownOnes = registered.filter((one) => !containedOnes.includes(one));
    expect(mockCalls.own.sort()).toEqual(ownOnes.map(({ title }) => title).sort());
  });

  test("each configuration is printed once", () => {
    const snippets = "snippets" in args ? Object.values(args.snippets as Record<string, NginxConfigNode[]>).flat() : [];
    const ahead = printSnippetsAhead.includes(name) ? snippets.flatMap(withInner).map((node) => node.name) : [];
    expect(printedTwice()).toEqual(ahead);
  });
});

test("an MqttProxy, which contains another and prints configurations, is counted", async () => {
  const [{ component, args }] = cases.filter(({ name }) => name === "MqttProxy") as [(typeof cases)[number]];
  await make(component, args);
  expect(mockCalls.own).toEqual(["MqttProxy x"]);
  expect(mockCalls.contained).toEqual(["NginxPlus"]);
  expect(mockCalls.printed.length).toBeGreaterThan(0);
});
