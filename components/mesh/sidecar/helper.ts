import { flag, type HclBody, text } from "../hcl";
import { agentSocketName } from "../mesh-reference";
import { folders, identityFiles, pidFile } from "./places";

/** Where spiffe-helper asks, and what it writes; the certificate's file has the intermediates too. */
const common: HclBody = [
  text("agent_address", `${folders.workloadApi}/${agentSocketName}`),
  text("cert_dir", folders.identity),
  text("svid_file_name", identityFiles.certificate),
  text("svid_key_file_name", identityFiles.key),
  text("svid_bundle_file_name", identityFiles.bundle),
  // NGINX shows the intermediates to its peers, who have the root alone.
  flag("add_intermediates_to_bundle", false),
];

/** spiffe-helper that waits for the first certificate, and ends. */
export const firstHelper: HclBody = [...common, flag("daemon_mode", false)];

/** spiffe-helper that follows every new certificate with a signal to NGINX. */
export const lastingHelper: HclBody = [
  ...common,
  flag("daemon_mode", true),
  text("renew_signal", "SIGHUP"),
  text("pid_file_name", pidFile),
];
