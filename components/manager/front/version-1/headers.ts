import type { Argument, Format } from "../../../foundation";
import { directive, type NginxConfigNode } from "../../../nginx";
import { header } from "../nginx";
import type { InstanceManagerV1Headers } from "./front-options";

/** Headers that are sent without TLS as well. */
export const plainHeaders = ({ frameOptions = "SAMEORIGIN" }: InstanceManagerV1Headers = {}): NginxConfigNode[] => [
  header("X-Frame-Options", frameOptions),
];

/** The headers of HTTPS. Browsers heed Strict-Transport-Security there only. */
export function secureHeaders(headers: InstanceManagerV1Headers = {}): NginxConfigNode[] {
  const {
    strictTransportSeconds: seconds = 86_400,
    strictTransportSubdomains = true,
    contentSecurityPolicy = "default-src 'self'; font-src *;img-src * data:; script-src *; style-src *",
    xssProtection = "1; mode=block",
    referrerPolicy = "strict-origin",
  } = headers;
  const strict = `max-age=${seconds}${strictTransportSubdomains ? "; includeSubDomains" : ""}`;
  return [
    ...plainHeaders(headers),
    ...(seconds > 0 ? [header("Strict-Transport-Security", strict)] : []),
    header("Content-Security-Policy", contentSecurityPolicy),
    header("X-XSS-Protection", xssProtection),
    header("Referrer-Policy", referrerPolicy),
  ];
}

/** Returns directives that remove Instance Manager's own headers of these names: browsers receive each once. */
export const hideHeaders = (headers: NginxConfigNode[]): NginxConfigNode[] =>
  headers.map(({ args }) => directive("proxy_hide_header", args![0]!));

const headerValue: Format = {
  test: (text) => /^[\x20-\x7e]+$/.test(text),
  wrong: "is not the value of a header",
  remedy: "write one line of ASCII characters",
};

/** Checks headers that browsers would ignore, or that would be more than one. */
export function checkHeaders(headers: Argument<InstanceManagerV1Headers | undefined>): void {
  for (const property of ["frameOptions", "contentSecurityPolicy", "xssProtection", "referrerPolicy"] as const)
    headers.field(property).matches(headerValue);
  const { frameOptions, strictTransportSeconds, strictTransportSubdomains } = headers.value ?? {};
  if (frameOptions !== undefined && headerValue.test(frameOptions) && !["SAMEORIGIN", "DENY"].includes(frameOptions))
    headers
      .field("frameOptions")
      .refuse(
        `is ${JSON.stringify(frameOptions)}, which browsers ignore`,
        'write SAMEORIGIN or DENY; for others there is contentSecurityPolicy with "frame-ancestors"',
      );
  headers.field("strictTransportSeconds").integer(0, 63_072_000);
  if (strictTransportSeconds === 0 && strictTransportSubdomains)
    headers
      .field("strictTransportSubdomains")
      .refuse("is true, but strictTransportSeconds is 0", "leave one of the two out");
}
