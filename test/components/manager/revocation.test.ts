import { argumentOf } from "../../../components/foundation";
import {
  checkRevocation,
  revocationHttpNodes,
  revocationServerNodes,
} from "../../../components/manager/front/revocation";
import { printConfig } from "../../../components/nginx";
import { serialNumber } from "../../../components/nginx/revocation";
import { OpenSsl } from "../../dataplane/openssl";

const refuse = (property: string, wrong: string, remedy: string): never => {
  throw new Error(`${property} ${wrong}; ${remedy}`);
};

test.each([
  ["serial=0A1B2C", "0A1B2C"],
  ["a1b2c", "0A1B2C"],
  ["0x0a1b2c", "0A1B2C"],
  ["0a:1b:2c\n", "0A1B2C"],
  ["a:1b:2c", "0A1B2C"],
  ["00:8f:01", "8F01"],
  ["0", "00"],
])("the serial number %j is %s to NGINX", (text, serial) => {
  checkRevocation(argumentOf(refuse, { deniedSerials: [text] }, "revocation"));
  expect(serialNumber(text)).toBe(serial);
});

test.each([["1"], ["0xff"], ["0x0f00ff00ff00ff00ff"], ["0xff00000000000000000000000000000000000000"]])(
  "openssl prints the serial number %s as it is normalised here",
  (given) => {
    const openssl = new OpenSsl();
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "/dev/null"];
    const certificate = openssl.run(["req", "-x509", ...key, "-subj", "/CN=x", "-set_serial", given]);
    const printed = openssl.run(["x509", "-noout", "-serial"], certificate);
    checkRevocation(argumentOf(refuse, { deniedSerials: [printed, given] }, "revocation"));
    expect(`serial=${serialNumber(given)}\n`).toBe(printed);
    expect(`serial=${serialNumber(printed)}\n`).toBe(printed);
    openssl.remove();
  },
);

test.each([
  [{}, "revocation revokes nothing; set crl: true, write deniedSerials, or remove it"],
  [
    { deniedSerials: ["01", "default"] },
    "revocation.deniedSerials[1] is not a serial number in hexadecimal; write the output of `openssl x509 -noout -serial`, at most 40 digits",
  ],
  [
    { keyval: { size: "1 m" } },
    "revocation.keyval.size is not the size of a zone; write a number of k or m, for example `1m`",
  ],
  [
    { keyval: { state: "denied.json" } },
    "revocation.keyval.state is not an absolute path; write it from `/` on, with letters, digits, `_`, `.`, `@`, `+` and `-` between the slashes, and no `..`",
  ],
])("%j is refused", (revocation, error) => {
  expect(() => checkRevocation(argumentOf(refuse, revocation, "revocation"))).toThrow(error);
});

test("nothing is revoked by no directive", () => {
  expect(revocationHttpNodes()).toEqual([]);
  expect(revocationServerNodes("/crl")).toEqual([]);
  expect(revocationHttpNodes({ crl: true })).toEqual([]);
});

test("a list, serial numbers and what the API adds are one answer", () => {
  const all = { crl: true, deniedSerials: ["0a1b", "0A:1B", "serial=FF"], keyval: {} };
  expect(printConfig(revocationHttpNodes(all), "plus")).toBe(`keyval_zone zone=denied_clients:1m;
keyval $ssl_client_serial $client_denied_by_api zone=denied_clients;
map $ssl_client_serial $client_denied {
    default $client_denied_by_api;
    0A1B 1;
    FF 1;
}
`);
  expect(printConfig(revocationServerNodes("/etc/nginx/ca.crl", all), "plus")).toBe(`ssl_crl /etc/nginx/ca.crl;
if ($client_denied) {
    return 403;
}
`);
});
