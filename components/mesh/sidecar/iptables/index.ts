import type { SidecarSettings } from "../settings";
import { printIptables } from "./printer";
import { redirectTables } from "./rules";

/** Returns the input of `iptables-restore` for one address family. */
export const printRedirect = (settings: SidecarSettings, version: 4 | 6): string =>
  printIptables(redirectTables(settings, version));
