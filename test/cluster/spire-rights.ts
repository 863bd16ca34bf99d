import type { Cluster } from "./fixture";

/** A ServiceAccount. */
export interface Account {
  namespace: string;
  name: string;
}

/** A right: `get`, `pods`, and a namespace. A resource of a group is `<resource>.<group>`, a subresource follows a slash. */
export interface Deed {
  verb: string;
  resource: string;
  namespace?: string;
  name?: string;
}

export const deed = (verb: string, resource: string, namespace?: string, name?: string): Deed => ({
  verb,
  resource,
  ...(namespace !== undefined && { namespace }),
  ...(name !== undefined && { name }),
});

export const spoken = ({ verb, resource, namespace, name }: Deed) =>
  [verb, resource, ...(name ? [name] : []), ...(namespace ? [`in ${namespace}`] : [])].join(" ");

const user = ({ namespace, name }: Account) => `system:serviceaccount:${namespace}:${name}`;
const groups = ({ namespace }: Account) => [
  "system:authenticated",
  "system:serviceaccounts",
  `system:serviceaccounts:${namespace}`,
];

/** Returns the rights that the account has, by one SubjectAccessReview each. */
export async function allowed(cluster: Cluster, account: Account, deeds: Deed[]): Promise<Deed[]> {
  const reviews = deeds.map(({ verb, resource, namespace, name }) => {
    const [, plural = "", group = "", subresource = ""] = /^([^./]+)(?:\.([^/]+))?(?:\/(.+))?$/.exec(resource) ?? [];
    const resourceAttributes = { verb, resource: plural, group, subresource, namespace, name };
    return {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec: { user: user(account), groups: groups(account), resourceAttributes },
    };
  });
  const documents = reviews.map((review) => JSON.stringify(review)).join("\n---\n");
  if (documents === "") return [];
  const answer = await cluster.kubectl(["create", "-o", 'jsonpath={.status.allowed}{"\\n"}', "-f", "-"], documents);
  const answers = answer.trim().split("\n");
  expect(answers).toHaveLength(deeds.length);
  return deeds.filter((_, index) => answers[index] === "true");
}

interface ResourceRule {
  verbs: string[];
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
}

/** Returns every right of the account in a namespace that other accounts do not have, one per line. */
export async function rightsOf(cluster: Cluster, account: Account, namespace: string): Promise<string[]> {
  const review = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectRulesReview", spec: { namespace } };
  const rules = async (one: Account) => {
    // Validation by kubectl reads CRDs, which the accounts may not.
    const args = ["create", "--validate=false", "-o", "json", `--as=${user(one)}`, "-f", "-"];
    const { status } = JSON.parse(await cluster.kubectl(args, JSON.stringify(review)));
    expect(status.incomplete).toBe(false);
    return (status.resourceRules as ResourceRule[]).flatMap(lines);
  };
  const everybodys = new Set(await rules({ ...account, name: "any-other" }));
  return [...new Set(await rules(account))].filter((line) => !everybodys.has(line)).sort();
}

const lines = ({ verbs, apiGroups, resources, resourceNames }: ResourceRule) =>
  verbs.flatMap((verb) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => {
        const [plural, subresource] = resource.split("/");
        const full = `${plural}${group && `.${group}`}${subresource ? `/${subresource}` : ""}`;
        return (resourceNames ?? [undefined]).map((name) => spoken(deed(verb, full, undefined, name)));
      }),
    ),
  );
