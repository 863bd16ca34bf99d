import { isIP } from "node:net";

/** Form of a text, and the two halves of the message about a text without it. */
export interface Format {
  test(text: string): boolean;
  /** After the path: `is not a DNS-1123 label`. */
  wrong: string;
  /** Remedy, after the fault: `write a string`. */
  remedy: string;
}

const label = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
const dnsLabel = new RegExp(`^${label}$`);
const dnsSubdomain = new RegExp(`^${label}(\\.${label})*$`);
const dnsName = new RegExp(`^${label}(\\.${label})*$`, "i");

/** Returns whether a text is a host name: labels of letters, digits and hyphens, and not a number, which would be an address. */
const isHostName = (text: string) => text.length <= 253 && dnsName.test(text) && !/(^|\.)\d+$/.test(text);
/** Returns whether a text is an IP address; one with a zone works on one machine alone. */
const isAddress = (text: string) => isIP(text) !== 0 && !text.includes("%");
const isPort = (text: string) => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65535;
const isCidr = (text: string) => {
  const [address = "", length = "", ...rest] = text.split("/");
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)]!;
  // An address with a zone, `fe80::1%eth0`, is of one machine.
  return rest.length === 0 && !text.includes("%") && /^\d{1,3}$/.test(length) && Number(length) <= bits;
};
/** Splits `host:port` and `[address]:port`; the port is "" where there is none. */
function splitHost(text: string): [host: string, port: string | undefined] {
  const bracketed = /^\[([^\]]+)\](?::(.*))?$/.exec(text);
  if (bracketed) return [isAddress(bracketed[1]!) && isIP(bracketed[1]!) === 6 ? bracketed[1]! : "", bracketed[2]];
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
  /** Name of a port of a Service. */
  portName: {
    test: (text) => text.length <= 15 && /^(?=.*[a-z])[a-z0-9](-?[a-z0-9])*$/.test(text),
    wrong: "is not a name of a port",
    remedy: "write at most 15 lower-case letters, digits and single `-`, with at least one letter",
  },
  /** Host name of requests, or `*.` and a host name, in lower case. */
  hostNameOrWildcard: {
    test: (text) => text === text.toLowerCase() && isHostName(text.replace(/^\*\./, "")),
    wrong: "is not a host name",
    remedy: "write it in lower case, without port: `shop.example.com`, or `*.example.com` for all below that",
  },
  /** Repository of an image, without tag. */
  imageRepository: {
    test: (text) => /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/.test(text),
    wrong: "is not a repository of images",
    remedy: "write it without scheme, tag or digest: `registry.example.com/nginx-gateway-fabric`",
  },
  /** Tag of an image, with a digest or without. */
  imageTag: {
    test: (text) => /^\w[\w.-]{0,127}(@sha256:[0-9a-f]{64})?$/.test(text),
    wrong: "is not a tag",
    remedy: "write a tag, with its digest if you like: `2.6.7@sha256:…`",
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
    test: (text) => isHostName(text) || isAddress(text),
    wrong: "is not a host name or address",
    remedy: "write a name such as `broker.example.com`, or an address; IPv6 without brackets",
  },
  /** Host name or address, with a port or without; IPv6 in brackets. */
  hostAndOptionalPort: {
    test: (text) => {
      const [host, port] = splitHost(text);
      return (isHostName(host) || isAddress(host)) && (port === undefined || isPort(port));
    },
    wrong: "is not a host with an optional port",
    remedy: "write for example `nim.example.com`, `nim.example.com:443` or `[2001:db8::1]:443`",
  },
  /** IPv4 or IPv6 address. */
  address: {
    test: isAddress,
    wrong: "is not an IP address",
    remedy: "write for example `192.0.2.10` or `2001:db8::10`",
  },
  /** IPv4 or IPv6 address, with a port or without; IPv6 in brackets. */
  addressAndOptionalPort: {
    test: (text) => {
      const [host, port] = splitHost(text);
      return isAddress(host) && (port === undefined || isPort(port));
    },
    wrong: "is not an IP address with an optional port",
    remedy: "write for example `10.96.0.10`, `10.96.0.10:53` or `[2001:db8::10]:53`",
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
    remedy: "write it without scheme, for example `registry.example.com/nginx:1.30.7`",
  },
  /** Network in CIDR notation. */
  cidr: {
    test: isCidr,
    wrong: "is not a network in CIDR notation",
    remedy: "write for example `192.0.2.0/24`",
  },
  /** Network in CIDR notation, or one address. */
  cidrOrAddress: {
    test: (text) => isCidr(text) || isAddress(text),
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
