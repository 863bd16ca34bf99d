import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, createServer as createSocketServer } from "node:net";
import * as pulumi from "@pulumi/pulumi";
import { Certificate, CertificateAuthority, CertificateUsage } from "../../components";
import { InstanceManagerV1Host, type InstanceManagerV1HostArgs } from "../../components/manager";
import { type RunResult, record } from "../../engine";
import type { Pems } from "./manager-stack";
import { nginxVersion } from "./nginx-version";
import { type Identity, OpenSsl } from "./openssl";

export const hostname = "nginx-manager.example.com";
export const machine = "nginx-manager";

/** Debian's NGINX: older than the directive `http2`, and with stream as a module. */
export const debian = {
  name: machine,
  edition: "oss" as const,
  openSourceVersion: nginxVersion,
  user: "www-data",
  modules: ["/usr/lib/nginx/modules/ngx_stream_module.so"],
};

const names = ["front", "manager", "impostor", "agent", "denied", "revoked", "stranger", "client"] as const;

/** PEM texts by the name of their holder, and the agents' revocation lists. */
export interface Materials extends Record<(typeof names)[number], Pems> {
  agentCrl: string;
  /** An agent below two intermediate authorities, with what it sends. */
  deep: Pems;
}

/** The certificates of a stack, made by the library; those whose authority revokes are openssl's, as of a company that has its own. */
export async function materials(): Promise<Materials> {
  const made = {} as Record<string, Pems>;
  await record(() => {
    const authority = (name: string) => new CertificateAuthority(name, { subject: { commonName: name } });
    const [front, internal, strangers] = ["front-ca", "internal-ca", "strangers-ca"].map(authority);
    const certificate = (
      name: string,
      issuer: CertificateAuthority,
      usage: CertificateUsage,
      dnsNames?: string[],
    ): void => {
      const one = new Certificate(name, { issuer, usage, forHosts: true, subject: { commonName: name }, dnsNames });
      pulumi.all([one.chainPem, one.privateKeyPem, issuer.bundle]).apply(([certificate, key, roots]) => {
        made[name] = { certificate, key, roots };
      });
    };
    const { server, client } = CertificateUsage;
    certificate("front", front!, server, [hostname]);
    certificate("manager", internal!, server, [hostname]);
    certificate("impostor", internal!, server, ["other.example.com"]);
    certificate("client", internal!, client);
    certificate("stranger", strangers!, client);
  });
  const openssl = new OpenSsl();
  const root = openssl.root("agents-ca");
  const one = openssl.intermediate("agents-ca-1", root);
  const two = openssl.intermediate("agents-ca-2", one);
  const chain = [two, one].map(({ certificate }) => certificate);
  const client = (name: string, issuer: Identity, sent: string[] = []): Pems => {
    const key = openssl.run(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]);
    const request = openssl.run(["req", "-new", "-key", openssl.file(key), "-subj", `/CN=${name}`]);
    const serial = ["-set_serial", `0x0${randomBytes(8).toString("hex").slice(1)}`];
    const certificate = openssl.sign(request, issuer, ["extendedKeyUsage=clientAuth"], serial);
    return { certificate: [certificate, ...sent].join(""), key, roots: root.certificate };
  };
  for (const name of ["agent", "denied", "revoked"]) made[name] = client(name, root);
  made.deep = client("deep", two, chain);
  const agentCrl = openssl.revocationList(root, [made.revoked!.certificate]);
  openssl.remove();
  return { ...made, agentCrl } as unknown as Materials;
}

export const hostCertificate = ({ certificate, key }: Pems) => ({ chainPem: certificate, privateKeyPem: key });

/** Renders a host; what differs between editions is in `args.host`. */
export function renderHost(args: Partial<InstanceManagerV1HostArgs>): Promise<RunResult> {
  return record(() => void new InstanceManagerV1Host("nim", { hostname, host: debian, ...args }));
}

/** The manager's gateway without TLS: it says what it was asked, and has a header of its own that contradicts ours. */
export async function plainGateway(): Promise<{ port: number; server: Server }> {
  const server = createServer((request, response) => {
    let bytes = 0;
    request.on("data", (data: Buffer) => {
      bytes += data.length;
    });
    request.on("end", () => {
      response.setHeader("X-Frame-Options", "ALLOWALL");
      response.statusCode = request.url === "/missing" ? 404 : 200;
      response.end(JSON.stringify({ host: request.headers.host, connection: request.headers.connection, bytes }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, server };
}

/** A socket of the file system that leads to a port. */
export async function socketTo(path: string, port: number): Promise<{ close(): void }> {
  const server = createSocketServer((one) => {
    const other = connect(port, "127.0.0.1");
    one.pipe(other).pipe(one);
    for (const [a, b] of [[one, other] as const, [other, one] as const]) a.on("error", () => b.destroy());
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return { close: () => void server.close() };
}
