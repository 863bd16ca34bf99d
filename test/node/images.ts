import { join } from "node:path";
import { defaultOpenSourceVersion } from "../../components/nginx";
import { debianRoot } from "../debian-root";
import { goPrograms } from "../go";
import { newestNginxRoot, newestSuite } from "../newest-nginx";
import { answeringNginx, temporaryPaths } from "./answering-nginx";
import type { ImageContent } from "./image";
import { spireContents } from "./spire-images";

const users = (name: string, id: number) => ({
  "etc/passwd": `root:x:0:0::/root:/bin/sh\n${name}:x:${id}:${id}::/:/bin/sh\n`,
  "etc/group": `root:x:0:\n${name}:x:${id}:\n`,
});

const applets = ["sh", "cat", "echo", "env", "grep", "sleep", "rm", "mkdir", "cp", "wget", "nc", "date", "ls", "kill"];
const shell = Object.fromEntries(applets.map((name) => [`usr/bin/${name}`, { link: "/usr/bin/busybox" }]));

// Debian's stream module is a file, the official image's is built in: it is loaded before everything else.
// The last -g counts, so that the line is added to the one that is there.
const nginx = `#!/bin/sh
load='load_module /usr/lib/nginx/modules/ngx_stream_module.so;'
count=$#
while [ "$count" -gt 0 ]; do
  argument=$1; shift; count=$((count - 1))
  if [ "$before" = -g ]; then argument="$load $argument"; load=; fi
  before=$argument
  set -- "$@" "$argument"
done
[ -z "$load" ] || set -- "$@" -g "$load"
exec /usr/sbin/nginx -p /etc/nginx/ "$@"
`;

// The official image has curl, of which workloads use the address and the silence.
const curl = `#!/bin/sh
for address; do :; done
exec wget -q -O - "$address"
`;

/** The image's own configuration, for pods that bring only servers. */
const ownConfiguration = `
pid /tmp/nginx.pid;
events {}
http {
  include mime.types;
  ${temporaryPaths}
  include conf.d/*.conf;
}
`;

// A stand-in, since NGINX Plus cannot be had: it starts with a licence and a configuration, and answers the readiness probe.
const plusStandIn = `#!/bin/sh
for file in /etc/nginx/license/license.jwt /etc/nginx/main/nginx.conf; do
  [ -s "$file" ] || { echo "$file is missing or empty" >&2; exit 1; }
done
exec /usr/sbin/nginx -e stderr -c /etc/nginx/stand-in.conf -g 'daemon off;'
`;

/** Images by repository. A pod has Debian's version of the program, whatever tag it names. */
const contents: Record<string, () => ImageContent> = {
  "docker.io/nginxinc/nginx-unprivileged": () => ({
    roots: [newestNginxRoot()],
    files: {
      ...users("nginx", 101),
      ...shell,
      "usr/local/sbin/nginx": nginx,
      "usr/local/bin/curl": curl,
      "etc/nginx/nginx.conf": ownConfiguration,
      "var/log/nginx/access.log": { link: "/dev/stdout" },
      "etc/nginx/modules": { link: "/usr/lib/nginx/modules" },
    },
    user: "101:101",
    command: ["nginx", "-g", "daemon off;"],
    stopSignal: "SIGQUIT",
  }),
  "private-registry.nginx.com/nginx-plus/rootless-base": () => ({
    roots: [newestNginxRoot()],
    files: {
      ...users("nginx", 101),
      ...shell,
      "usr/local/sbin/nginx": plusStandIn,
      "etc/nginx/stand-in.conf": answeringNginx(8080, "/healthz"),
    },
    user: "101:101",
    command: ["nginx"],
  }),
  "docker.io/library/eclipse-mosquitto": () => ({
    // The example names 2.0; mosquitto 2.1 of newer suites opens no password file by a link, which the example allows for.
    roots: [debianRoot("mosquitto", "trixie", ["mosquitto", "mosquitto-clients", "busybox"])],
    files: { ...users("mosquitto", 1883), ...shell },
    user: "1883:1883",
    command: ["mosquitto"],
  }),
  ...spireContents,
  "registry.k8s.io/pause": () => ({
    roots: [debianRoot("busybox", newestSuite, ["busybox"])],
    files: { ...users("nobody", 65534), ...shell },
    command: ["sleep", "infinity"],
  }),
  "registry.k8s.io/coredns/coredns": () => ({
    roots: [],
    files: { "usr/bin/coredns": { copy: join(goPrograms("node"), "coredns") } },
    entrypoint: ["coredns"],
  }),
};

/** Image of open-source NGINX, as the components name it. */
export const openSourceImage = `docker.io/nginxinc/nginx-unprivileged:${defaultOpenSourceVersion}`;

/** Image of the container that holds a pod's namespaces, and of pods that only wait for commands. */
export const pauseImage = "registry.k8s.io/pause:3";

/** Images that cannot be had, with the reason. A pod with one of them waits for it, with all else that it needs. */
export const imagesNotHad: Record<string, string> = {
  "ghcr.io/nginx/nginx-gateway-fabric": "Gateway Fabric's programs are no Go module of the proxy",
  "ghcr.io/nginx/nginx-gateway-fabric/nginx": "it has programs of Gateway Fabric beside NGINX",
  "private-registry.nginx.com/nginx-gateway-fabric/nginx-plus": "NGINX Plus comes with a subscription",
  "registry.example.com/nginx-and-agent": "NGINX Agent 2 is in no package of Debian",
  "registry.example.com/nginx-plus-and-agent": "NGINX Agent 2 is in no package of Debian",
  "docker.io/nginx/nginx-prometheus-exporter": "it ends without the API of NGINX Plus, which the stand-in lacks",
};

/** Content of the image that a pod names, or undefined if it cannot be had. */
export const imageContent = (reference: string): ImageContent | undefined => contents[imageRepository(reference)]?.();

/** Whether a container of this image can run. */
export const hasImage = (reference: string) => imageRepository(reference) in contents;

/** Returns an image's name without its tag. */
export const imageRepository = (reference: string) => reference.replace(/[:@][^/]*$/, "");
