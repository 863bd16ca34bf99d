export { certificateFiles, hostNginxFiles, keptFile, openFile } from "./nginx";
export { type HostManagement, type NginxHost, type ResolvedHost, resolveHost, warnAboutHost } from "./nginx-host";
