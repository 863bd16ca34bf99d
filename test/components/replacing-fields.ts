/**
 * Fields whose change makes a provider replace a resource, by type.
 *
 * Sources:
 * - kubernetes: the `forceNew` table of `provider/pkg/provider/diff.go`, and `helm_release.go` for Release,
 *   of pulumi-kubernetes after 4.32.0 (commit 94977969, 2026-07-01). Kinds that the table does not name are
 *   replaced for their identity only.
 * - tls: the plan modifiers `RequiresReplace` in `internal/provider/resource_*.go` of terraform-provider-tls 4.2.1,
 *   which @pulumi/tls 5 bridges.
 * - random: the same in terraform-provider-random 3.9.0, which @pulumi/random 4 bridges.
 * - pulumi: the engine's own provider (`pkg/resource/deploy/builtins.go`).
 */
const providerTable: Record<string, readonly string[]> = {
  "kubernetes:admissionregistration.k8s.io/v1:MutatingAdmissionPolicy": [],
  "kubernetes:admissionregistration.k8s.io/v1:MutatingAdmissionPolicyBinding": [],
  "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy": [],
  "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding": [],
  "kubernetes:admissionregistration.k8s.io/v1:ValidatingWebhookConfiguration": [],
  "kubernetes:apps/v1:DaemonSet": ["spec.selector"],
  "kubernetes:apps/v1:Deployment": ["spec.selector"],
  "kubernetes:apps/v1:StatefulSet": [
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
  ],
  "kubernetes:autoscaling/v2:HorizontalPodAutoscaler": [],
  "kubernetes:batch/v1:Job": ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
  "kubernetes:core/v1:ConfigMap": [],
  "kubernetes:core/v1:Namespace": [],
  "kubernetes:core/v1:PersistentVolumeClaim": [
    "spec.accessModes",
    "spec.selector",
    "spec.storageClassName",
    "spec.volumeName",
  ],
  "kubernetes:core/v1:ResourceQuota": ["spec.scopes"],
  "kubernetes:core/v1:Secret": ["type"],
  "kubernetes:core/v1:Service": ["spec.clusterIP"],
  "kubernetes:core/v1:ServiceAccount": [],
  "kubernetes:gateway.networking.k8s.io/v1:Gateway": [],
  "kubernetes:gateway.networking.k8s.io/v1:GatewayClass": [],
  "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute": [],
  "kubernetes:gateway.nginx.org/v1alpha1:ClientSettingsPolicy": [],
  "kubernetes:gateway.nginx.org/v1alpha1:NginxGateway": [],
  "kubernetes:gateway.nginx.org/v1alpha1:RateLimitPolicy": [],
  "kubernetes:gateway.nginx.org/v1alpha2:NginxProxy": [],
  "kubernetes:monitoring.coreos.com/v1:PodMonitor": [],
  "kubernetes:monitoring.coreos.com/v1:PrometheusRule": [],
  "kubernetes:networking.k8s.io/v1:NetworkPolicy": [],
  // The table names version v1beta1 only.
  "kubernetes:policy/v1:PodDisruptionBudget": [],
  "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole": [],
  "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding": ["roleRef"],
  "kubernetes:rbac.authorization.k8s.io/v1:Role": [],
  "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding": ["roleRef"],
  "kubernetes:security.openshift.io/v1:SecurityContextConstraints": [],
  "kubernetes:spire.spiffe.io/v1alpha1:ClusterSPIFFEID": [],
  "kubernetes:storage.k8s.io/v1:CSIDriver": [],
  "kubernetes:storage.k8s.io/v1:StorageClass": ["parameters", "provisioner"],

  "kubernetes:helm.sh/v3:Release": ["name", "namespace"],
  // A component of the provider: its children have URNs of their own, which the embedded engine does not make.
  "kubernetes:yaml/v2:ConfigGroup": [],

  "tls:index/privateKey:PrivateKey": ["algorithm", "ecdsaCurve", "rsaBits"],
  "tls:index/certRequest:CertRequest": ["dnsNames", "ipAddresses", "privateKeyPem", "subject", "uris"],
  "tls:index/selfSignedCert:SelfSignedCert": [
    "allowedUses",
    "dnsNames",
    "ipAddresses",
    "isCaCertificate",
    "maxPathLength",
    "privateKeyPem",
    "setAuthorityKeyId",
    "setSubjectKeyId",
    "subject",
    "uris",
    "validityPeriodHours",
  ],
  "tls:index/locallySignedCert:LocallySignedCert": [
    "allowedUses",
    "caCertPem",
    "caPrivateKeyPem",
    "certRequestPem",
    "isCaCertificate",
    "maxPathLength",
    "setSubjectKeyId",
    "validityPeriodHours",
  ],

  "random:index/randomId:RandomId": ["byteLength", "keepers", "prefix"],
  "random:index/randomPassword:RandomPassword": [
    "keepers",
    "length",
    "lower",
    "minLower",
    "minNumeric",
    "minSpecial",
    "minUpper",
    "number",
    "numeric",
    "overrideSpecial",
    "special",
    "upper",
  ],

  "pulumi:pulumi:Stack": [],
  "pulumi:pulumi:StackReference": ["name"],
};

/**
 * Data of Secrets and ConfigMaps, which also replace unless the provider's `enableSecretMutable` and
 * `enableConfigMapMutable` are set. With a name of its own making, the provider creates the new object first:
 * that is how pods roll, and no loss. An object with a fixed name is deleted first.
 */
const replacingUnderFixedName: Record<string, readonly string[]> = {
  "kubernetes:core/v1:ConfigMap": ["binaryData", "data"],
  "kubernetes:core/v1:Secret": ["data", "stringData"],
};

/** Kinds without `metadata`. */
const withoutMetadata = ["kubernetes:helm.sh/v3:Release", "kubernetes:yaml/v2:ConfigGroup"];

/** Types that the table knows. */
export const knownTypes = Object.keys(providerTable);

/** Returns the inputs whose change makes the provider replace a resource of this type. */
export function replacingFields(type: string, hasFixedName: boolean): string[] {
  if (type.startsWith("nginx-stacks:")) return [];
  const fields = providerTable[type];
  if (!fields) throw new Error(`test/components/replacing-fields.ts does not know ${type}; look it up in its provider`);
  if (!type.startsWith("kubernetes:") || withoutMetadata.includes(type)) return [...fields];
  const data = hasFixedName ? (replacingUnderFixedName[type] ?? []) : [];
  return ["metadata.name", "metadata.namespace", ...fields, ...data];
}
