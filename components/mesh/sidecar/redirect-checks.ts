import { isIP } from "node:net";
import { checkPlain, type Refuser } from "../../foundation";
import { MeshEgress, MeshIpFamily, type SidecarArgs, type SidecarRedirect } from "./sidecar-args";

/** Refuses what is no network: each becomes a word of a rule. */
export function checkRedirect(args: SidecarArgs, redirect: SidecarRedirect, refuse: Refuser): void {
  const { egress, excludedCidrs = [] } = redirect;
  checkPlain(refuse, { "redirect.egress": egress, "redirect.excludedCidrs": redirect.excludedCidrs });
  if (egress !== undefined && !Object.values(MeshEgress).includes(egress))
    refuse("redirect.egress", "is no rule for what leaves", `write one of ${Object.values(MeshEgress).join(", ")}`);
  for (const [index, cidr] of excludedCidrs.entries()) {
    const property = `redirect.excludedCidrs[${index}]`;
    const family = familyOf(cidr);
    if (family === undefined) refuse(property, "is no network", "write it as address/length: 10.0.0.0/8, fd00::/8");
    const families = args.ipFamilies ?? [MeshIpFamily.ipv4];
    if (!families.includes(family))
      refuse(
        property,
        `is of ${family}, which ipFamilies does not have`,
        `leave it out, or write ipFamilies with ${family}`,
      );
  }
}

function familyOf(cidr: unknown): MeshIpFamily | undefined {
  const [, address = "", length = ""] =
    /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(typeof cidr === "string" ? cidr : "") ?? [];
  const version = isIP(address);
  if (version === 4 && Number(length) <= 32) return MeshIpFamily.ipv4;
  return version === 6 && Number(length) <= 128 ? MeshIpFamily.ipv6 : undefined;
}
