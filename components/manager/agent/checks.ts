import { isIP } from "node:net";
import type { Input } from "@pulumi/pulumi";
import { type Argument, type Format, formats, mapInputs } from "../../foundation";
import { checkHost } from "./host";
import type {
  NginxAgentConfigurationArgs,
  NginxAgentServer,
  NginxAgentTls,
  NginxAgentV1,
  NginxAgentV2,
  NginxAgentV3,
  NginxAgentV3Server,
} from "./nginx-agent-args";
import { checkSettings } from "./settings";

type Text = Argument<Input<string> | undefined>;

/** Folder: an absolute path, with a slash at its end or without. */
const folder: Format = {
  ...formats.absolutePath,
  test: (text) => formats.absolutePath.test(text.replace(/(?<=.)\/$/, "")),
};

const url: Format = {
  test: (text) => /^https?:\/\/[!-~]+$/.test(text) && URL.canParse(text),
  wrong: "is not a URL",
  remedy: "write for example `http://localhost:8080/api`",
};

const duration: Format = {
  test: (text) => /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text) && /[1-9]/.test(text),
  wrong: "is not a time as Go writes it",
  remedy: "write for example `30s` or `1m30s`",
};

/** Agent 2 reads one text with commas between its patterns, and a blank in either agent's is a mistake. */
const pattern: Format = {
  test: (text) => /^[^\s,]+$/.test(text),
  wrong: "is empty, or has a blank or a comma in it",
  remedy: "write one pattern for each entry",
};

const token: Format = {
  test: (text) => text !== "" && !/["'\s]/.test(text),
  wrong: "is empty, or has white space or quotes in it",
  remedy: "write the token alone, without the quotes that it stands in elsewhere",
};

const labelKey: Format = {
  test: (text) => /^[a-z0-9]([a-z0-9_.-]*[a-z0-9])?$/.test(text),
  wrong: "has a key that the agent would change",
  remedy: "write lower-case letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit",
};

const labelValue: Format = {
  test: (text) => /^[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,254}[a-zA-Z0-9])?$/.test(text),
  wrong: "has a value that the agent would leave out",
  remedy: "write at most 256 letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit",
};

/** Checks that one agent is chosen, that its file has a place, and that the agent starts with it and is not deceived. */
export function checkAgent(argument: Argument<NginxAgentConfigurationArgs>): void {
  const { v1, v2, v3, kubernetes, host } = argument.value;
  argument.exactlyOne(
    ["v2", "v1", "v3"],
    "write one: v2 for NGINX Instance Manager 2, v1 for NGINX Instance Manager 1, v3 for NGINX One",
  );
  if (kubernetes === undefined && host === undefined)
    argument
      .field("kubernetes")
      .refuse("is missing, as is host", "write the namespace of the agent's pods, or the host of the agent");
  argument.field("kubernetes").field("namespace").matches(formats.dnsLabel);
  argument.check(checkAgentFile);
  const version = v1 ? "v1" : v2 ? "v2" : "v3";
  const server = v1 ?? v2 ?? v3;
  argument.field("host").given((given) => {
    if (server) checkHost(given, server, version);
  });
}

/** Checks the file of an agent. */
export function checkAgentFile(argument: Argument<Pick<NginxAgentConfigurationArgs, "v1" | "v2" | "v3">>): void {
  argument.check(
    () => argument.field("v1").given(checkV1),
    () => argument.field("v2").given(checkV2),
    () => argument.field("v3").given(checkV3),
  );
}

function checkV1(v1: Argument<NginxAgentV1>): void {
  checkServer(v1);
  v1.field("log").field("path").matches(folder);
  const nginx = v1.field("nginx");
  nginx.field("binaryPath").matches(formats.absolutePath);
  nginx.field("stubStatusUrl").matches(url);
  nginx.field("plusApiUrl").matches(url);
  checkEach(v1.field("configDirectories").entries(), folder);
}

function checkV2(v2: Argument<NginxAgentV2>): void {
  checkServer(v2);
  checkToken(v2);
  v2.field("log").field("path").matches(folder);
  checkEach(v2.field("excludeLogs").entries(), pattern);
  v2.field("statusPollInterval").matches(duration);
  v2.field("metrics").field("reportInterval").matches(duration);
  v2.field("metrics").field("collectionInterval").matches(duration);
  checkEach(v2.field("configDirectories").entries(), folder);
  checkSettings(v2.field("settings"), "v2");
}

function checkV3(v3: Argument<NginxAgentV3>): void {
  checkServer(v3);
  checkToken(v3);
  v3.field("auxiliary").given((auxiliary) => {
    checkServer(auxiliary);
    checkToken(auxiliary);
  });
  v3.field("log").field("path").matches(folder);
  checkEach(v3.field("allowedDirectories").entries(), folder);
  checkEach(v3.field("excludeLogs").entries(), pattern);
  for (const [key, label] of v3.field("labels").record<Input<string>>()) {
    v3.with(label.path, key).matches(labelKey);
    label.matches(labelValue);
  }
  checkSettings(v3.field("settings"), "v3");
}

const checkEach = (entries: Text[], format: Format) => {
  for (const entry of entries) entry.matches(format);
};

function checkServer(server: Argument<NginxAgentServer & { port?: number }>): void {
  const plaintext = server.value.tls?.unsafePlaintext;
  server.field("hostname").known((name, hostname) => {
    if (isIP(name) === 0) hostname.matches(formats.hostName);
    else if (!plaintext)
      hostname.refuse(
        "is an IP address, which is no name to ask for (SNI), and which NGINX verifies in no certificate",
        "write the DNS name in the certificate of the management plane",
      );
  });
  server.field("port").port();
  checkTls(server.field("tls"));
}

function checkTls(tls: Argument<NginxAgentTls | undefined>): void {
  const { unsafeSkipVerification, unsafePlaintext } = tls.value ?? {};
  for (const property of ["clientCertificate", "trustedCertificatesPath", "unsafeSkipVerification"] as const)
    if (unsafePlaintext && tls.value?.[property])
      tls.field(property).refuse("is given, but unsafePlaintext turns TLS off", "leave one of the two out");
  const trusted = tls.field("trustedCertificatesPath");
  if (unsafeSkipVerification && !unsafePlaintext && trusted.value !== undefined)
    trusted.refuse("is given, but unsafeSkipVerification ignores it", "leave one of the two out");
  const certificate = tls.field("clientCertificate");
  const files = [certificate.field("certificatePath"), certificate.field("keyPath"), trusted];
  checkEach(files, formats.absolutePath);
  mapInputs(Object.fromEntries(files.map(({ path, value }) => [path, value])), (texts: Texts) => {
    const taken = new Map<string, string>();
    for (const file of files) {
      const text = texts[file.path];
      const other = text === undefined ? undefined : taken.get(text);
      if (other !== undefined) file.refuse(`is that of ${other}`, "give each file a path of its own");
      else if (text !== undefined) taken.set(text, file.path);
    }
  });
}

type Texts = Record<string, string | undefined>;

function checkToken(server: Argument<NginxAgentV3Server>): void {
  const { tls, ...given } = server.value;
  server.field("tokenPath").matches(formats.absolutePath);
  if (given.token !== undefined && given.tokenPath !== undefined)
    server.field("tokenPath").refuse("is given beside token", "leave one of the two out");
  if ((given.token ?? given.tokenPath) !== undefined && (tls?.unsafePlaintext || tls?.unsafeSkipVerification))
    server
      .field(given.token === undefined ? "tokenPath" : "token")
      .refuse(
        "would be sent to a server that is not verified",
        "leave unsafePlaintext and unsafeSkipVerification out, and write tls.trustedCertificatesPath",
      );
  server.field("token").matches(token);
}
