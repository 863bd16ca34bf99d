import { join } from "node:path";
import { spireProgram } from "../cluster/spire-programs";
import { debianRoot } from "../debian-root";
import { goPrograms } from "../go";
import { newestNginxRoot, newestSuite } from "../newest-nginx";
import { answeringNginx } from "./answering-nginx";
import type { ImageContent } from "./image";

const spire = (program: "spire-server" | "spire-agent"): ImageContent => ({
  // They are linked with the C library.
  roots: [newestNginxRoot()],
  files: { [`opt/spire/bin/${program}`]: { copy: spireProgram(program) } },
  entrypoint: [`/opt/spire/bin/${program}`, "run"],
});

const csi = (command: string): ImageContent => ({
  roots: [],
  files: { "usr/bin/csi": { copy: join(goPrograms("csi"), "csi") } },
  entrypoint: ["/usr/bin/csi", command],
});

/** Images of a mesh by repository: SPIRE's own programs, and stand-ins for its controller manager and CSI driver. */
export const spireContents: Record<string, () => ImageContent> = {
  "ghcr.io/spiffe/spire-server": () => ({ ...spire("spire-server"), user: "1000:1000" }),
  "ghcr.io/spiffe/spire-agent": () => spire("spire-agent"),
  // A stand-in, since the controller manager cannot be had: it answers its probes, and the tests create the entries.
  "ghcr.io/spiffe/spire-controller-manager": () => ({
    roots: [newestNginxRoot()],
    files: { "etc/nginx/manager.conf": answeringNginx(8083), "usr/bin/sh": { link: "/usr/bin/busybox" } },
    user: "1000:1000",
    entrypoint: ["sh", "-c", "exec /usr/sbin/nginx -e stderr -c /etc/nginx/manager.conf -g 'daemon off;'"],
  }),
  "ghcr.io/spiffe/spiffe-helper": () => ({
    roots: [newestNginxRoot()],
    files: { "usr/bin/spiffe-helper": { copy: spireProgram("spiffe-helper") } },
    entrypoint: ["/usr/bin/spiffe-helper"],
  }),
  "registry.k8s.io/build-image/distroless-iptables": () => ({
    roots: [debianRoot("iptables", newestSuite, ["iptables"])],
  }),
  "ghcr.io/spiffe/spiffe-csi-driver": () => csi("driver"),
  "registry.k8s.io/sig-storage/csi-node-driver-registrar": () => csi("registrar"),
};
