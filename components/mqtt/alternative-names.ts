import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Refuser } from "../foundation";
import { Edition } from "../nginx";
import { type AlternativeName, alternativeNames, onlyField } from "./certificate-fields";
import type { MqttDialect } from "./dialect";
import type { MqttProxyArgs } from "./mqtt-proxy-args";
import type { MqttSubjectMatch } from "./mqtt-route-args";
import { njsFolder, njsModule } from "./njs";
import { type Plan, usernamesFromCertificates } from "./plan";

/** The alternative names that the plan's routes, tenants and credentials read. */
function used(plan: Plan): AlternativeName[] {
  const matches = plan.scopes.flatMap(({ routes, tenant }) => [
    ...routes.map(({ certificate }) => certificate),
    tenant?.certificate,
  ]);
  const fields = new Set<string>([
    ...matches.flatMap((match) => (match ? [onlyField(match)![0]] : [])),
    ...usernamesFromCertificates(plan),
  ]);
  return (Object.keys(alternativeNames) as AlternativeName[]).filter((name) => fields.has(name));
}

const program = "certificate.njs";

/** NGINX has no variable with a certificate's alternative names in `stream`, so in both editions an njs program reads them, where something asks for them. */
export function withAlternativeNames(dialect: MqttDialect, plan: Plan): MqttDialect {
  const names = used(plan);
  if (names.length === 0) return dialect;
  const path = `${njsFolder}/${program}`;
  return {
    ...dialect,
    main: [njsModule],
    stream: [
      ...dialect.stream,
      { name: "js_import", args: ["certificate", "from", path] },
      ...names.map((name) => ({
        name: "js_set",
        args: [alternativeNames[name], `certificate.${name}`],
        variables: true,
      })),
    ],
    files: [...dialect.files, { path, content: readFileSync(join(__dirname, program), "utf8") }],
  };
}

/** Refuses alternative names where NGINX would have nothing that reads them. */
export function checkAlternativeNames({ edition, image }: MqttProxyArgs, plan: Plan, refuse: Refuser): void {
  if (edition !== Edition.oss && image === undefined && used(plan).length > 0)
    refuse(
      "image",
      "is missing: alternative names are read by njs, which F5's images of NGINX Plus for unprivileged users do not have",
      'name an image of your own with nginx-plus-module-njs, tell certificates by their subject, or use edition "oss"',
    );
}

const shapes: Record<AlternativeName, { exact: RegExp; none: string; remedy: string }> = {
  dnsName: {
    exact: /^[^*]/,
    none: "begins with *, which stands for itself here",
    remedy: "write the whole name, or how it begins as a prefix",
  },
  uri: {
    exact: /^[A-Za-z][-+.A-Za-z0-9]*:/,
    none: "has no scheme, and every URI in a certificate has one",
    remedy: "write it whole: spiffe://example.com/sensor-1",
  },
  emailAddress: {
    exact: /[^@]@[^@]/,
    none: "has no @ between two parts",
    remedy: "write the whole address, or how it begins as a prefix",
  },
};

/** Refuses a match of an alternative name that no certificate has, or none that is read. */
export function checkAlternativeName(
  property: string,
  name: AlternativeName,
  { exact, prefix }: MqttSubjectMatch,
  refuse: Refuser,
): void {
  const kind = exact === undefined ? "prefix" : "exact";
  const text = exact ?? prefix!;
  if (/[^!-~]/.test(text))
    refuse(
      `${property}.${kind}`,
      "has a space or a letter beyond ASCII, and alternative names with one match nothing",
      "write it as it stands in the certificate: DNS names beyond ASCII begin with xn--, URIs have percent signs",
    );
  const shape = shapes[name];
  if (exact !== undefined && !shape.exact.test(exact)) refuse(`${property}.exact`, shape.none, shape.remedy);
}
