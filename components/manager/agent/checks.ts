import { isIP } from "node:net";
import type { Input } from "@pulumi/pulumi";
import { checked, checkPlain, checkPort, hostPath, labelName, type Refuser } from "../../foundation";
import { checkHost } from "./host";
import {
  type NginxAgentConfigurationArgs,
  NginxAgentLogLevel,
  NginxAgentMetricsMode,
  type NginxAgentServer,
  type NginxAgentTls,
  type NginxAgentV1,
  type NginxAgentV2,
  type NginxAgentV3,
  NginxAgentV3Feature,
  NginxAgentV3LogLevel,
  type NginxAgentV3Server,
} from "./nginx-agent-args";
import { checkSettings } from "./settings";

/** Refuses, before anything is registered, what an agent would not start with, would ignore, or would be deceived with. */
export function checkAgent(args: NginxAgentConfigurationArgs, refuse: Refuser): void {
  const { v1, v2, v3, kubernetes, host } = args;
  checkPlain(refuse, { v1, v2, v3, kubernetes, host });
  const [version, second] = Object.entries({ v1, v2, v3 }).flatMap(([name, file]) => (file ? [name] : []));
  const file = v1 ?? v2 ?? v3;
  if (file === undefined || version === undefined)
    return void refuse(
      "v2",
      "is missing, as are v1 and v3",
      "write one: v2 for NGINX Instance Manager 2, v1 for NGINX Instance Manager 1, v3 for NGINX One",
    );
  if (second !== undefined)
    refuse(
      second,
      `is given beside ${version}`,
      "write one of them: the file of one agent means nothing, or something else, to another",
    );
  if (kubernetes === undefined && host === undefined)
    refuse("kubernetes", "is missing, as is host", "write the namespace of the agent's pods, or the host of the agent");
  checkAgentFile(refuse, args);
  if (kubernetes) checked(kubernetes.namespace, labelName(refuse, "kubernetes.namespace"));
  if (host) checkHost(refuse, host, file, version);
}

/** Refuses what the file of an agent cannot say. */
export function checkAgentFile(
  refuse: Refuser,
  { v1, v2, v3 }: Pick<NginxAgentConfigurationArgs, "v1" | "v2" | "v3">,
): void {
  if (v1) checkV1(refuse, v1);
  if (v2) checkV2(refuse, v2);
  if (v3) checkV3(refuse, v3);
}

function checkV1(refuse: Refuser, v1: NginxAgentV1): void {
  checkServer(refuse, "v1", v1);
  if (v1.port === undefined)
    refuse("v1.port", "is missing", "write 10000 for Instance Manager itself, 10443 for the proxy before it");
  checkMember(refuse, "v1.log.level", v1.log?.level, NginxAgentLogLevel);
  checkPath(refuse, "v1.log.path", v1.log?.path);
  checkPath(refuse, "v1.nginx.binaryPath", v1.nginx?.binaryPath);
  checkUrl(refuse, "v1.nginx.stubStatusUrl", v1.nginx?.stubStatusUrl);
  checkUrl(refuse, "v1.nginx.plusApiUrl", v1.nginx?.plusApiUrl);
  checkPaths(refuse, "v1.configDirectories", v1.configDirectories);
}

function checkV2(refuse: Refuser, v2: NginxAgentV2): void {
  checkServer(refuse, "v2", v2);
  checkToken(refuse, "v2", v2);
  checkMember(refuse, "v2.log.level", v2.log?.level, NginxAgentLogLevel);
  checkPath(refuse, "v2.log.path", v2.log?.path);
  checkPatterns(refuse, "v2.excludeLogs", v2.excludeLogs);
  checkDuration(refuse, "v2.statusPollInterval", v2.statusPollInterval);
  checkDuration(refuse, "v2.metrics.reportInterval", v2.metrics?.reportInterval);
  checkDuration(refuse, "v2.metrics.collectionInterval", v2.metrics?.collectionInterval);
  checkMember(refuse, "v2.metrics.mode", v2.metrics?.mode, NginxAgentMetricsMode);
  checkPaths(refuse, "v2.configDirectories", v2.configDirectories);
  checkSettings(refuse, "v2", v2.settings);
}

function checkV3(refuse: Refuser, v3: NginxAgentV3): void {
  checkServer(refuse, "v3", v3);
  checkToken(refuse, "v3", v3);
  checkPlain(refuse, { "v3.auxiliary": v3.auxiliary, "v3.labels": v3.labels, "v3.features": v3.features });
  if (v3.auxiliary) {
    checkServer(refuse, "v3.auxiliary", v3.auxiliary);
    checkToken(refuse, "v3.auxiliary", v3.auxiliary);
  }
  checkMember(refuse, "v3.log.level", v3.log?.level, NginxAgentV3LogLevel);
  checkPath(refuse, "v3.log.path", v3.log?.path);
  checkPaths(refuse, "v3.allowedDirectories", v3.allowedDirectories);
  checkPatterns(refuse, "v3.excludeLogs", v3.excludeLogs);
  for (const [index, feature] of (v3.features ?? []).entries())
    checkMember(refuse, `v3.features[${index}]`, feature, NginxAgentV3Feature);
  for (const [key, label] of Object.entries(v3.labels ?? {})) checkLabel(refuse, key, label);
  checkSettings(refuse, "v3", v3.settings);
}

function checkServer(refuse: Refuser, at: string, server: NginxAgentServer & { port?: number }): void {
  const { hostname, port, tls = {} } = server;
  if (hostname === undefined)
    refuse(`${at}.hostname`, "is missing", "write the DNS name in the certificate of the management plane");
  checked(hostname, (name) => {
    if (isIP(name) !== 0 && tls.unsafePlaintext) return;
    if (isIP(name) !== 0)
      refuse(
        `${at}.hostname`,
        "is an IP address, which is no name to ask for (SNI), and which NGINX verifies in no certificate",
        "write the DNS name in the certificate of the management plane",
      );
    if (name.length > 253 || !/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i.test(name))
      refuse(`${at}.hostname`, "is not a DNS name", "write it without scheme, port, wildcard or trailing dot");
  });
  checkPort(refuse, `${at}.port`, port);
  checkTls(refuse, `${at}.tls`, tls);
}

function checkTls(refuse: Refuser, at: string, tls: NginxAgentTls): void {
  const { clientCertificate, trustedCertificatesPath, unsafeSkipVerification, unsafePlaintext } = tls;
  checkPlain(refuse, { [`${at}`]: tls, [`${at}.clientCertificate`]: clientCertificate });
  const others = { clientCertificate, trustedCertificatesPath, unsafeSkipVerification };
  for (const [property, value] of Object.entries(others))
    if (unsafePlaintext && value)
      refuse(`${at}.${property}`, "is given, but unsafePlaintext turns TLS off", "leave one of the two out");
  if (unsafeSkipVerification && trustedCertificatesPath !== undefined)
    refuse(
      `${at}.trustedCertificatesPath`,
      "is given, but unsafeSkipVerification ignores it",
      "leave one of the two out",
    );
  checkPath(refuse, `${at}.trustedCertificatesPath`, trustedCertificatesPath);
  if (clientCertificate === undefined) return;
  for (const part of ["certificatePath", "keyPath"] as const) {
    if (clientCertificate[part] === undefined)
      refuse(
        `${at}.clientCertificate.${part}`,
        "is missing",
        "write the paths of both the certificate and its key: the agent does not start with one of them",
      );
    checkPath(refuse, `${at}.clientCertificate.${part}`, clientCertificate[part]);
  }
}

function checkToken(refuse: Refuser, at: string, server: NginxAgentV3Server): void {
  const { token, tokenPath, tls } = server;
  checkPath(refuse, `${at}.tokenPath`, tokenPath);
  if (token !== undefined && tokenPath !== undefined)
    refuse(`${at}.tokenPath`, "is given beside token", "leave one of the two out");
  const given = token === undefined ? "tokenPath" : "token";
  if ((token ?? tokenPath) !== undefined && (tls?.unsafePlaintext || tls?.unsafeSkipVerification))
    refuse(
      `${at}.${given}`,
      "would be sent to a server that nobody verified",
      "leave unsafePlaintext and unsafeSkipVerification out, and write tls.trustedCertificatesPath",
    );
  checked(token ?? "none", (text) => {
    if (text.trim() !== text || text === "" || /["'\s]/.test(text))
      refuse(
        `${at}.token`,
        "is empty, or has white space or quotes in it",
        "write the token alone, without the quotes that it stands in elsewhere",
      );
  });
}

function checkMember(refuse: Refuser, property: string, value: string | undefined, set: Record<string, string>): void {
  const members = Object.values(set);
  if (value !== undefined && !members.includes(value))
    refuse(property, "is a word that the agent does not know", `write one of ${members.join(", ")}`);
}

function checkPath(refuse: Refuser, property: string, path: Input<string> | undefined): void {
  if (path !== undefined) checked(path, (text) => hostPath(refuse, property)(text.replace(/(?<=.)\/$/, "")));
}

function checkPaths(refuse: Refuser, property: string, paths: Input<string>[] | undefined): void {
  checkPlain(refuse, { [property]: paths });
  for (const [index, path] of (paths ?? []).entries()) checkPath(refuse, `${property}[${index}]`, path);
}

/** Agent 2 reads one text with commas between its patterns, and a blank in either agent's is a mistake. */
function checkPatterns(refuse: Refuser, property: string, patterns: Input<string>[] | undefined): void {
  checkPlain(refuse, { [property]: patterns });
  for (const [index, pattern] of (patterns ?? []).entries())
    checked(pattern, (text) => {
      if (!/^[^\s,]+$/.test(text))
        refuse(
          `${property}[${index}]`,
          "is empty, or has a blank or a comma in it",
          "write one pattern for each entry",
        );
    });
}

function checkUrl(refuse: Refuser, property: string, url: Input<string> | undefined): void {
  if (url === undefined) return;
  checked(url, (text) => {
    if (!/^https?:\/\/[!-~]+$/.test(text) || !URL.canParse(text))
      refuse(property, "is not a URL", "write for example `http://localhost:8080/api`");
  });
}

function checkDuration(refuse: Refuser, property: string, duration: Input<string> | undefined): void {
  if (duration === undefined) return;
  checked(duration, (text) => {
    if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text) || !/[1-9]/.test(text))
      refuse(property, "is not a time as Go writes it", "write for example `30s` or `1m30s`");
  });
}

function checkLabel(refuse: Refuser, key: string, label: Input<string>): void {
  const property = `v3.labels.${key}`;
  if (!/^[a-z0-9]([a-z0-9_.-]*[a-z0-9])?$/.test(key))
    refuse(
      property,
      "has a key that the agent would change",
      "write lower-case letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit",
    );
  checked(label, (text) => {
    if (!/^[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,254}[a-zA-Z0-9])?$/.test(text))
      refuse(
        property,
        "has a value that the agent would leave out",
        "write at most 256 letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit",
      );
  });
}
