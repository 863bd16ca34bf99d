// Variables with the alternative names of the client certificate, in NGINX Plus and in open-source NGINX.
// certificate-reader.njs stands before this text.

// Longest name in bytes.
const LONGEST = 1024;

const variable = (kind) => (s) => clientName(s, kind, LONGEST);

export default { dnsName: variable(DNS_NAME), uri: variable(URI), emailAddress: variable(EMAIL_ADDRESS) };
