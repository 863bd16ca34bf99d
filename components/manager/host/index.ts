export { certificateFiles, hostNginxFiles, publicFile, secretFile } from "./nginx";
export {
  type HostManagement,
  lacksRejection,
  type NginxHost,
  type ResolvedHost,
  resolveHost,
  warnAboutHost,
} from "./nginx-host";
