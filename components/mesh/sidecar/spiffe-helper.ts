import { flag, type HclBody, text } from "../hcl";
import { agentSocketName } from "../mesh-reference";
import { folders, identityFiles, pidFile } from "./layout";

const common: HclBody = [
  text("agent_address", `${folders.workloadApi}/${agentSocketName}`),
  text("cert_dir", folders.identity),
  text("svid_file_name", identityFiles.certificate),
  text("svid_key_file_name", identityFiles.key),
  text("svid_bundle_file_name", identityFiles.bundle),
  // NGINX sends the intermediates to its peers, which trust the root alone, so they stay in the certificate's file.
  flag("add_intermediates_to_bundle", false),
];

/** Configuration of the init container: spiffe-helper ends once the first certificate is there. */
export const initHelper: HclBody = [...common, flag("daemon_mode", false)];

/** Configuration of the running container: spiffe-helper signals NGINX after each new certificate. */
export const daemonHelper: HclBody = [
  ...common,
  flag("daemon_mode", true),
  text("renew_signal", "SIGHUP"),
  text("pid_file_name", pidFile),
];
