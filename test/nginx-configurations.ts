import { hosts, type KubernetesObject, manifests, type RunResult } from "../engine";
import { type Container, mountedFiles, type PodSpec } from "../loopback/pod";
import { gixyFindings, ofSeverity } from "./gixy";

/** The configuration of one NGINX that a run rendered. */
export interface RenderedConfiguration {
  /** The Deployment, or the host. */
  name: string;
  edition: "plus" | "oss";
  /** Whether its directives are those of the newest release, and an older one need not know them. */
  newest?: boolean;
  /** The file that NGINX starts from. */
  main: string;
  /** All that it reads, by path. What others provide, such as an existing Secret, is not among it. */
  files: Record<string, string>;
}

/** The configuration of every NGINX of a run, in pods and on hosts. */
export const nginxConfigurations = (run: RunResult): RenderedConfiguration[] =>
  [...inPods(run), ...inSidecars(run), ...onHosts(run)].map((one) => ({
    ...one,
    files: { ...packaged, ...one.files },
  }));

// Comes with NGINX; there is nothing in it to be judged.
const packaged = { "/etc/nginx/mime.types": "" };

/** Whether a component of the run has NGINX in pods, or the main file of one on hosts. */
export const rendersNginx = ({ requests }: RunResult): boolean =>
  requests.some(({ type }) => ["nginx-stacks:index:NginxPlus", "nginx-stacks:index:Sidecar"].includes(type)) ||
  JSON.stringify(requests.map(({ outputs }) => outputs.hostFiles ?? [])).includes("/etc/nginx/nginx.conf");

function inPods(run: RunResult): RenderedConfiguration[] {
  const objects = manifests(run, { secrets: "show" });
  return objects
    .filter(({ kind }) => kind === "Deployment")
    .flatMap(({ metadata, spec }) => {
      const pod = rendered((spec as unknown as { template: { spec: PodSpec } }).template.spec, objects);
      return pod.containers
        .filter(({ command }) => command?.[0] === "nginx")
        .map((container) => ({
          name: metadata.name!,
          edition: container.image.includes("nginx-plus/") ? ("plus" as const) : ("oss" as const),
          main: mainFile(container),
          files: Object.fromEntries(
            mountedFiles(pod, container, objects).map(([path, content]) => [path, `${content}`]),
          ),
        }));
    });
}

/** Of sidecars there are ConfigMaps, also where something else makes the pods. */
function inSidecars(run: RunResult): RenderedConfiguration[] {
  const folder = "/run/mesh/configuration";
  return manifests(run, { secrets: "show" })
    .filter(({ kind, metadata }) => {
      const labels = metadata.labels as Record<string, string> | undefined;
      return kind === "ConfigMap" && labels?.["app.kubernetes.io/name"] === "mesh-sidecar";
    })
    .map(({ metadata, data }) => {
      const files = data as Record<string, string>;
      return {
        name: metadata.name!,
        edition: /^mgmt \{/m.test(files["nginx.conf"]!) ? "plus" : "oss",
        newest: true,
        main: `${folder}/nginx.conf`,
        files: {
          // Its start script writes this one.
          "/run/mesh/run/resolver.conf": "resolver 10.96.0.10;",
          ...Object.fromEntries(Object.entries(files).map(([key, content]) => [`${folder}/${key}`, content])),
        },
      };
    });
}

const mainFile = ({ args = [] }: Container): string => args[args.indexOf("-c") + 1]!;

/** The pod without what of its volumes is not in the run. */
function rendered(spec: PodSpec, objects: KubernetesObject[]): PodSpec {
  type Volume = NonNullable<PodSpec["volumes"]>[number];
  const isThere = (kind: string, name: string | undefined) =>
    objects.some((object) => object.kind === kind && object.metadata.name === name);
  const known = ({ secret, configMap }: Pick<Volume, "secret" | "configMap">) =>
    (!secret || isThere("Secret", secret.secretName ?? secret.name)) &&
    (!configMap || isThere("ConfigMap", configMap.name));
  const volumes = (spec.volumes ?? []).map((volume) => ({
    ...(known(volume) ? volume : { name: volume.name }),
    ...(volume.projected && { projected: { sources: volume.projected.sources.filter(known) } }),
  }));
  return { ...spec, volumes };
}

function onHosts(run: RunResult): RenderedConfiguration[] {
  return hosts(run, { secrets: "show" })
    .filter((host) => host.files.some(({ path }) => path.startsWith("/etc/nginx/") && path.endsWith(".conf")))
    .map(({ name, files }) => {
      // The file of Instance Manager 1 ends like NGINX's, and is YAML.
      const own = files.filter(({ action }) => action === "reload-nginx");
      const byPath = Object.fromEntries(own.map(({ path, content }) => [path, content ?? ""]));
      const edition = /^mgmt \{/m.test(byPath["/etc/nginx/nginx.conf"] ?? "") ? "plus" : "oss";
      return { name, edition, main: "/etc/nginx/nginx.conf", files: byPath };
    });
}

/** What gixy-ng finds grave in the configurations of a run: nothing, it is hoped. */
export function graveFindings(configurations: RenderedConfiguration[]): string[] {
  const cases = configurations.map(({ main, files }) => {
    // Certificates and scripts are no text of NGINX's.
    const texts = Object.entries(files).filter(([path]) => /\.conf$|\/mime\.types$/.test(path));
    return { main, files: Object.fromEntries(texts) };
  });
  return gixyFindings(cases).flatMap((findings, index) =>
    ofSeverity("HIGH", findings).map((finding) => `${configurations[index]!.name}: ${finding}`),
  );
}
