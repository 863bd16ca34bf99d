import { checkInteger, type Refuser } from "../../foundation";
import type { InstanceManagerV1Headers } from "./front-options";

const texts = ["frameOptions", "contentSecurityPolicy", "xssProtection", "referrerPolicy"] as const;

/** Refuses headers that browsers do not heed, or that are more than one. */
export function checkHeaders(headers: InstanceManagerV1Headers = {}, within: Refuser): void {
  for (const property of texts) {
    const text = headers[property];
    if (text !== undefined && !/^[\x20-\x7e]+$/.test(text))
      within(`headers.${property}`, "is no value of a header", "write one line of ASCII characters");
  }
  if (headers.frameOptions !== undefined && !["SAMEORIGIN", "DENY"].includes(headers.frameOptions))
    within(
      "headers.frameOptions",
      "is none that browsers heed",
      'write SAMEORIGIN or DENY; for others there is contentSecurityPolicy with "frame-ancestors"',
    );
  checkInteger(within, "headers.strictTransportSeconds", headers.strictTransportSeconds, 0, 63_072_000);
  if (headers.strictTransportSeconds === 0 && headers.strictTransportSubdomains)
    within("headers.strictTransportSubdomains", "is true, but strictTransportSeconds is 0", "leave one of the two out");
}
