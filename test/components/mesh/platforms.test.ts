import { ServiceMesh, type ServiceMeshArgs } from "../../../components/mesh";
import { type KubernetesObject, manifests, record } from "../../../engine";
import { the } from "./server-fixture";

const made = async (args: Partial<ServiceMeshArgs>): Promise<KubernetesObject[]> =>
  manifests(
    await record(() => {
      new ServiceMesh("mesh", {
        trustDomain: "mesh.test",
        clusterName: "test",
        server: { storage: { unsafeEphemeral: true } },
        agent: { kubelet: { clusterAuthority: true } },
        ...args,
      });
    }),
    { secrets: "show" },
  );
const privileged = (objects: KubernetesObject[]) =>
  objects.flatMap((object) => {
    // biome-ignore lint/suspicious/noExplicitAny: manifests have the shape of their kind
    const { kind, roleRef, subjects } = object as any;
    return kind === "RoleBinding" && roleRef.name === "system:openshift:scc:privileged" ? [subjects[0].name] : [];
  });

test("K13: the objects and settings for OpenShift exist on OpenShift only", async () => {
  const objects = await made({ openshift: true, images: { registry: "registry.example.com" } });
  const agent = the("DaemonSet", objects, "mesh-agent").spec.template.spec;
  const driver = the("DaemonSet", objects, "mesh-csi").spec.template.spec;
  expect(privileged(objects).sort()).toEqual([agent.serviceAccountName, driver.serviceAccountName].sort());
  expect(the("StatefulSet", objects).spec.template.spec.securityContext).toEqual({
    runAsNonRoot: true,
    seccompProfile: { type: "RuntimeDefault" },
  });
  expect(agent.containers[0].securityContext.seLinuxOptions).toEqual({ type: "spc_t" });
  expect(driver.initContainers).toMatchObject([
    {
      image: "registry.example.com/ubi9/ubi-minimal:9.6",
      command: ["chcon", "-R", "-t", "container_file_t", "/spire-agent-socket"],
      volumeMounts: [{ name: "agent-sockets", mountPath: "/spire-agent-socket" }],
    },
  ]);
  const profile = "security.openshift.io/csi-ephemeral-volume-profile";
  expect(the("CSIDriver", objects).metadata.labels[profile]).toBe("restricted");

  const elsewhere = await made({});
  expect(privileged(elsewhere)).toEqual([]);
  expect(JSON.stringify(elsewhere)).not.toMatch(/openshift|spc_t|chcon/);
});
