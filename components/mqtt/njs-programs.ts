import { readCertificateProgram, readProgram } from "../nginx";

// The built package is one module with the programs beside it, so this file has to be in their folder.

/** Returns the text of `connect.njs`, which reads and rewrites the CONNECT in open-source NGINX. */
export const readConnectProgram = () => readProgram(__dirname, "connect.njs");

/** Returns the text of `certificate.njs` with the reader of certificates, which sets the variables of alternative names. */
export const readAlternativeNamesProgram = () => readCertificateProgram(__dirname, "certificate.njs");
