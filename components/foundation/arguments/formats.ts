import { isIP } from "node:net";

/** How a text has to look, and the two halves of the message about one that does not. */
export interface Format {
  test(text: string): boolean;
  /** After the path: `is not a DNS-1123 label`. */
  wrong: string;
  /** What to write instead. */
  remedy: string;
}

const label = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
const dnsLabel = new RegExp(`^${label}$`);
const dnsSubdomain = new RegExp(`^${label}(\\.${label})*$`);
const dnsName = new RegExp(`^${label}(\\.${label})*$`, "i");

/** Whether a text is a host name: labels of letters, digits and hyphens, and not a number, which would be an address. */
const isHostName = (text: string) => text.length <= 253 && dnsName.test(text) && !/(^|\.)\d+$/.test(text);
const isPort = (text: string) => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65535;
const isCidr = (text: string) => {
  const [address = "", length = "", ...rest] = text.split("/");
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)]!;
  return rest.length === 0 && /^\d{1,3}$/.test(length) && Number(length) <= bits;
};
/** Splits `host:port` and `[address]:port`; the port is "" where there is none. */
function splitHost(text: string): [host: string, port: string | undefined] {
  const bracketed = /^\[([^\]]+)\](?::(.*))?$/.exec(text);
  if (bracketed) return [isIP(bracketed[1]!) === 6 ? bracketed[1]! : "", bracketed[2]];
  const [host = "", port, ...rest] = text.split(":");
  return rest.length === 0 ? [host, port] : ["", undefined];
}

/** Formats of texts, each written once for the whole library. */
export const formats = {
  /** Name of a Namespace, a Service, a port's host. */
  dnsLabel: {
    test: (text) => dnsLabel.test(text),
    wrong: "is not a DNS-1123 label",
    remedy: "write at most 63 lower-case letters, digits and `-`, beginning and ending with a letter or digit",
  },
  /** Name of a Secret, a ConfigMap, most objects. */
  dnsSubdomain: {
    test: (text) => text.length <= 253 && dnsSubdomain.test(text),
    wrong: "is not a DNS-1123 subdomain",
    remedy:
      "write at most 253 lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit",
  },
  /** Key of a Secret or a ConfigMap. */
  secretKey: {
    test: (text) => /^[-._a-zA-Z0-9]{1,253}$/.test(text) && !/^\.{1,2}$/.test(text),
    wrong: "is not a key of a Secret",
    remedy: "write letters, digits, `-`, `_` and `.`",
  },
  /** Host name as in a certificate and in SNI. */
  hostName: {
    test: isHostName,
    wrong: "is not a host name",
    remedy: "write labels of letters, digits and `-` between single dots, for example `broker.example.com`",
  },
  /** Host name or address. */
  host: {
    test: (text) => isHostName(text) || isIP(text) !== 0,
    wrong: "is not a host name or address",
    remedy: "write a name such as `broker.example.com`, or an address; IPv6 without brackets",
  },
  /** Host name or address, with a port or without; IPv6 in brackets. */
  hostAndOptionalPort: {
    test: (text) => {
      const [host, port] = splitHost(text);
      return (isHostName(host) || isIP(host) !== 0) && (port === undefined || isPort(port));
    },
    wrong: "is not a host with an optional port",
    remedy: "write for example `nim.example.com`, `nim.example.com:443` or `[2001:db8::1]:443`",
  },
  /** IPv4 or IPv6 address. */
  address: {
    test: (text) => isIP(text) !== 0,
    wrong: "is not an IP address",
    remedy: "write for example `192.0.2.10` or `2001:db8::10`",
  },
  /** Name of a Service: RFC 1035, so that it begins with a letter. */
  serviceName: {
    test: (text) => dnsLabel.test(text) && /^[a-z]/.test(text),
    wrong: "is not a DNS-1035 label",
    remedy: "write at most 63 lower-case letters, digits and `-`, beginning with a letter",
  },
  /** Name with an optional prefix, as a label's key or the class of a load balancer. */
  qualifiedName: {
    test: (text) => {
      const [name = "", prefix, ...rest] = text.split("/").reverse();
      return (
        rest.length === 0 &&
        /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(name) &&
        (prefix === undefined || (prefix.length <= 253 && dnsSubdomain.test(prefix)))
      );
    },
    wrong: "is not a name with an optional prefix",
    remedy: "write for example `https` or `example.com/internal`",
  },
  /** Registry of images with an optional path, without scheme. */
  registry: {
    test: (text) => /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/i.test(text),
    wrong: "is not a registry",
    remedy: "write it without scheme and final slash, for example `registry.example.com/mirror`",
  },
  /** Image with its tag or digest. */
  image: {
    test: (text) => /^[a-z0-9][-a-z0-9.:]*(\/[a-z0-9._-]+)*(:[\w][\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$/i.test(text),
    wrong: "is not the name of an image",
    remedy: "write it without scheme, for example `registry.example.com/nginx:1.30.4`",
  },
  /** Network in CIDR notation. */
  cidr: {
    test: isCidr,
    wrong: "is not a network in CIDR notation",
    remedy: "write for example `192.0.2.0/24`",
  },
  /** Network in CIDR notation, or one address. */
  cidrOrAddress: {
    test: (text) => isCidr(text) || isIP(text) !== 0,
    wrong: "is not a network or an address",
    remedy: "write for example `192.0.2.0/24` or `192.0.2.10`",
  },
  /** Absolute path of a file or folder that means the same to every program that reads it. */
  absolutePath: {
    test: (text) => /^(?:\/[A-Za-z0-9_.@+-]+)+$/.test(text) && !/\/\.\.?(?:\/|$)/.test(text),
    wrong: "is not an absolute path",
    remedy: "write it from `/` on, with letters, digits, `_`, `.`, `@`, `+` and `-` between the slashes, and no `..`",
  },
  /** Name of a machine, which is also that of its folder in a rendered tree. */
  machine: {
    test: (text) => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(text),
    wrong: "is not the name of a host",
    remedy: "write lower-case letters, digits and `-` between dots",
  },
  /** Name of a user or a group of an operating system. */
  account: {
    test: (text) => /^[a-z_][a-z0-9_-]{0,31}$/.test(text),
    wrong: "is not the name of a user or group",
    remedy: "write lower-case letters, digits, `_` and `-`, beginning with a letter or `_`",
  },
} satisfies Record<string, Format>;
