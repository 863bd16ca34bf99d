import { readCertificateProgram, readProgram } from "../nginx";

/** Returns the text of `connect.njs`, which reads and rewrites the CONNECT in open-source NGINX. */
export const readConnectProgram = () => readProgram(__dirname, "connect.njs");

/** Returns the text of `certificate.njs` with the reader of certificates, which sets the variables of alternative names. */
export const readNamesProgram = () => readCertificateProgram(__dirname, "certificate.njs");
