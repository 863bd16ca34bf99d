import { resolverFile } from "./layout";
import { MeshIpFamily } from "./sidecar-args";

/** Returns the parameters of a directive `resolver` for pods with these families of addresses. */
export const resolverParameters = (ipFamilies: readonly MeshIpFamily[]): string[] => [
  "valid=10s",
  ...(ipFamilies.includes(MeshIpFamily.ipv4) ? [] : ["ipv4=off"]),
  ...(ipFamilies.includes(MeshIpFamily.ipv6) ? [] : ["ipv6=off"]),
];

/** Returns the program that starts NGINX. It runs in any POSIX shell, without other programs. */
export const startScript = (ipFamilies: readonly MeshIpFamily[]): string => `#!/bin/sh
# NGINX does not read /etc/resolv.conf, so this writes its name servers as a directive. A reload of NGINX finds them again without a name server.
set -eu
servers=
while read -r key value rest || [ -n "$key" ]; do
  [ "$key" = nameserver ] || continue
  case $value in
    *[!0-9A-Fa-f.:]*) ;;
    *:*) servers="$servers [$value]" ;;
    *) servers="$servers $value" ;;
  esac
done </etc/resolv.conf
echo "resolver\${servers:- 127.0.0.1} ${resolverParameters(ipFamilies).join(" ")};" >${resolverFile}
exec "$@"
`;
