import { argumentOf, refuser } from "../../../components/foundation";
import { type MeshLifetimes, resolveLifetimes } from "../../../components/mesh/lifetimes";
import { checkTrustDomain, serverName, spiffeId } from "../../../components/mesh/trust-domain";
import { meshImage } from "../../../components/mesh/versions";

const refuse = refuser("SpireServer", "wrong");
const check = (trustDomain: string, unsafeExample?: boolean) =>
  checkTrustDomain(argumentOf(refuse, { trustDomain }).field("trustDomain"), unsafeExample);
const lifetimes = (given: MeshLifetimes) => resolveLifetimes(argumentOf(refuse, given));
const wrong = (error: string) => `SpireServer "wrong": ${error}`;

describe("a trust domain", () => {
  test.each(["mesh.corp.example.com", "a", "a_b-c.1"])("%s is valid", (name) => {
    expect(() => check(name)).not.toThrow();
  });

  test.each(["", "Mesh.test", "mesh.test:8443", "-mesh", "mesh.", "mesh test", "é.test", "m".repeat(256)])(
    "%j is none",
    (name) => {
      expect(() => check(name)).toThrow(
        wrong("trustDomain is not the name of a trust domain; write at most 255 lower-case letters"),
      );
    },
  );

  test("is not written as a URI", () => {
    expect(() => check("spiffe://mesh.test")).toThrow(
      wrong("trustDomain is a URI; write the trust domain alone, without `spiffe://` and path"),
    );
  });

  test("of examples is refused, unless unsafeExampleTrustDomain is set", () => {
    expect(() => check("example.org")).toThrow(
      wrong(
        "trustDomain is example.org, a trust domain of examples; write a name of your own, or for a trial unsafeExampleTrustDomain: true",
      ),
    );
    expect(() => check("example.org", true)).not.toThrow();
  });
});

describe("a SPIFFE ID", () => {
  test("has namespace and service account", () => {
    const id = spiffeId("mesh.test", "shop", "web.v1");
    expect(id).toBe("spiffe://mesh.test/ns/shop/sa/web.v1");
    expect(serverName("shop", "web")).toBe("web.shop.svc");
  });
});

describe("lifetimes", () => {
  test("have SPIRE's defaults, and a sixth of the CA's lifetime is allowed", () => {
    expect(lifetimes({})).toEqual({
      caTtlSeconds: 86_400,
      svidTtlSeconds: 3600,
      jwtSvidTtlSeconds: 300,
    });
    expect(() => lifetimes({ caTtlSeconds: 21_600, svidTtlSeconds: 3600 })).not.toThrow();
  });

  test.each([
    [
      { caTtlSeconds: 21_599 },
      "svidTtlSeconds is 3600, more than a sixth of caTtlSeconds, 21599; write at most 3599, or increase caTtlSeconds: SPIRE would only warn, and issue certificates with a shorter lifetime",
    ],
    [{ caTtlSeconds: 60 }, "caTtlSeconds is 60; write a whole number from 360 to 315360000"],
    [
      { caTtlSeconds: 10_000_000, svidTtlSeconds: 604_801 },
      "svidTtlSeconds is 604801; write a whole number from 60 to 604800",
    ],
    [
      { jwtSvidTtlSeconds: 14_401 },
      "jwtSvidTtlSeconds is 14401, more than a sixth of caTtlSeconds, 86400; write at most 14400, or increase caTtlSeconds: SPIRE would only warn, and issue certificates with a shorter lifetime",
    ],
  ])("%j are refused", (given, error) => {
    expect(() => lifetimes(given)).toThrow(wrong(error));
  });
});

test("an image is the default of its registry, of a mirror, or the given one", () => {
  expect(meshImage(undefined, "spireServer")).toBe("ghcr.io/spiffe/spire-server:1.15.3");
  expect(meshImage({ registry: "registry.example.com/mirror/" }, "nodeDriverRegistrar")).toBe(
    "registry.example.com/mirror/sig-storage/csi-node-driver-registrar:v2.15.0",
  );
  expect(meshImage({ registry: "registry.example.com", spireAgent: "a@sha256:1" }, "spireAgent")).toBe("a@sha256:1");
});
