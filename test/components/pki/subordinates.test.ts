import { CertificateAuthority, type CertificateAuthorityArgs } from "../../../components/pki";
import { record } from "../../../engine";
import { type Refusal, testRefusals } from "../refusals";

const subject = { commonName: "Root" };
const intermediate = { subject: { commonName: "Issuing" } };

/** The root's limit, and what the authority says of itself. */
async function depth(args: CertificateAuthorityArgs) {
  let said = {};
  const { requests } = await record(() => {
    const { chainLength, subordinateAuthorities } = new CertificateAuthority("ca", args);
    said = { chainLength, subordinateAuthorities };
  });
  const root = requests.find(({ type }) => type === "tls:index/selfSignedCert:SelfSignedCert")!;
  return { maxPathLength: root.inputs.maxPathLength, ...said };
}

test("the root's limit leaves room for as many authorities as are to stand below the issuing one", async () => {
  expect(await depth({ subject })).toEqual({ chainLength: 0 });
  expect(await depth({ subject, subordinateAuthorities: 1 })).toEqual({
    maxPathLength: 1,
    chainLength: 0,
    subordinateAuthorities: 1,
  });
  expect(await depth({ subject, intermediate })).toEqual({
    maxPathLength: 1,
    chainLength: 1,
    subordinateAuthorities: 0,
  });
  expect(await depth({ subject, intermediate, subordinateAuthorities: 1 })).toEqual({
    maxPathLength: 2,
    chainLength: 1,
    subordinateAuthorities: 1,
  });
});

const refused = (rule: string, args: object, error: string, also: string[] = []): Refusal => ({
  rule,
  component: CertificateAuthority,
  args: { subject, ...args },
  error,
  also,
  plain: true,
});
testRefusals([
  refused(
    "a root that issues, and allows none below it",
    { subordinateAuthorities: 0 },
    "subordinateAuthorities is 0; write a whole number from 1 to 8",
  ),
  refused(
    "half an authority",
    { intermediate, subordinateAuthorities: 0.5 },
    "subordinateAuthorities is 0.5; write a whole number from 0 to 8",
  ),
  refused(
    "a limit for what is made elsewhere",
    { offline: { rootCertificatePem: "PEM" }, subordinateAuthorities: 1 },
    "subordinateAuthorities is given beside offline; remove it: offline certificates are made elsewhere",
    [
      "offline.rootCertificatePem has no PEM certificate in it; write the contents of the file: BEGIN CERTIFICATE, base64, END CERTIFICATE",
    ],
  ),
]);
