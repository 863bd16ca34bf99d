import { type Format, formats } from "../foundation";

const format = (pattern: RegExp, wrong: string, remedy: string): Format => ({
  test: (text) => pattern.test(text),
  wrong,
  remedy,
});

/** Formats of texts that occur in the mesh alone. */
export const meshFormats = {
  clusterName: format(
    /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/,
    "is not a name that a SPIFFE ID can have",
    "write at most 63 letters, digits, `.`, `_` and `-`, beginning and ending with a letter or digit",
  ),
  className: format(
    /^[A-Za-z0-9._-]{1,63}$/,
    "is not the name of a class",
    "write at most 63 letters, digits, `.`, `_` and `-`",
  ),
  clusterDomain: {
    ...formats.hostName,
    wrong: "is not the domain of a cluster",
    remedy: "write for example `cluster.local`",
  },
  volumeSize: format(
    /^[1-9]\d*(\.\d+)?(Ki|Mi|Gi|Ti|k|M|G|T)?$/,
    "is not the size of a volume",
    "write for example `1Gi`",
  ),
  /** Folder or file of a node: no part of it is `.` or `..`. */
  nodePath: format(
    /^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9_.@+-]+)+$/,
    "is not an absolute path",
    "write for example `/var/lib/kubelet`",
  ),
  environmentVariable: format(
    /^[A-Za-z_][A-Za-z0-9_]*$/,
    "is not the name of an environment variable",
    "write letters, digits and `_`",
  ),
  /** Instant of RFC 3339 in UTC, to the second, so that the order of two is that of their texts. */
  instant: {
    test: (text) => {
      const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(text) ? Date.parse(text) : Number.NaN;
      return !Number.isNaN(time) && new Date(time).toISOString().replace(".000", "") === text;
    },
    wrong: "is not an instant in UTC",
    remedy: "write for example `2027-01-31T00:00:00Z`",
  },
  /** Host name of a Service: NGINX compares it as it is written. */
  serviceHost: {
    test: (text) => formats.hostName.test(text) && text === text.toLowerCase(),
    wrong: "is not a host name",
    remedy: "write a name in lower-case letters, without scheme, port, path or final dot",
  },
} satisfies Record<string, Format>;
