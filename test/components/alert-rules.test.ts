import { prometheusRuleSpec } from "../../components/foundation";
import { alertRules as gatewayV1Rules } from "../../components/gateway/v1/monitoring";
import { alertRules as gatewayV2Rules } from "../../components/gateway/v2/monitoring";
import { dataPlaneLabel } from "../../components/gateway/v2/names";
import { agentAlerts } from "../../components/mesh/spire-agent/alerts";
import { serverAlerts } from "../../components/mesh/spire-server/alerts";
import { firing, promtoolMissing, type Rules, ruleFaults, type Series } from "../promtool";

type V2Names = Parameters<typeof gatewayV2Rules>[0];
const names = { release: "gateway" } as V2Names;
const dataPlane = dataPlaneLabel(names, "nginx");
const controlPlane = 'job="gateway",namespace="edge"';
const v1 = (name: string) => `nginx_gateway_fabric_${name}{class="nginx",pod="a"}`;
const day = 24 * 60 * 60;

const rules: Record<string, Rules> = {
  v1: gatewayV1Rules("nginx"),
  v2: gatewayV2Rules(names, "nginx", "edge", true),
  spire: prometheusRuleSpec("mesh", [...serverAlerts("server", 6 * day), ...agentAlerts("agent")]),
};

/** Of each alert: what makes it fire within half an hour, and the same when all is well. */
const cases: [keyof typeof rules, string, Series, Series][] = [
  ["v1", "GatewayFabricNginxDown", { [v1("up")]: "0x60" }, { [v1("up")]: "1x60" }],
  [
    "v1",
    "GatewayFabricStaleConfiguration",
    { [v1("nginx_stale_config")]: "1x60" },
    { [v1("nginx_stale_config")]: "0x60" },
  ],
  [
    "v1",
    "GatewayFabricReloadsFail",
    { [v1("nginx_reload_errors_total")]: "0+1x60" },
    { [v1("nginx_reload_errors_total")]: "5x60" },
  ],
  ["v2", "GatewayFabricDown", {}, { [`up{${controlPlane}}`]: "1x60" }],
  [
    "v2",
    "GatewayFabricReconcileErrors",
    { [`controller_runtime_reconcile_errors_total{${controlPlane}}`]: "0+1x60" },
    { [`controller_runtime_reconcile_errors_total{${controlPlane}}`]: "5x60" },
  ],
  ["v2", "GatewayFabricDataPlaneDown", { [`up{job="${dataPlane}"}`]: "0x60" }, { [`up{job="${dataPlane}"}`]: "1x60" }],
  [
    "v2",
    "GatewayFabricWithoutLeader",
    { [`leader_election_master_status{${controlPlane}}`]: "0x60" },
    { [`leader_election_master_status{${controlPlane}}`]: "1x60" },
  ],
  ["spire", "SpireServerDown", {}, { 'up{job="server"}': "1x60" }],
  [
    "spire",
    "SpireCaExpiresSoon",
    { 'spire_server_manager_x509_ca_rotate_expiration{job="server"}': `${day}x60` },
    { 'spire_server_manager_x509_ca_rotate_expiration{job="server"}': `${2 * day}x60` },
  ],
  ...["create", "update"].map((action): (typeof cases)[number] => [
    "spire",
    "SpireEntriesFail",
    { [`spire_server_rpc_entry_v1_entry_batch_${action}_entry{job="server",status="Unavailable"}`]: "0+1x60" },
    { [`spire_server_rpc_entry_v1_entry_batch_${action}_entry{job="server",status="OK"}`]: "0+1x60" },
  ]),
  [
    "spire",
    "SpireEntriesFail",
    { 'cluster_static_entry_failures{job="server"}': "1x60" },
    { 'cluster_static_entry_failures{job="server"}': "0x60" },
  ],
  ...(
    [
      ["SpireAttestationFails", "spire_server_rpc_agent_v1_agent_attest_agent", "server"],
      ["SpireAgentSyncFails", "spire_agent_manager_sync_fetch_entries_updates", "agent"],
      ["SpireAgentIdentityNotRenewed", "spire_agent_node_attest", "agent"],
    ] as const
  ).map(([alert, metric, job]): (typeof cases)[number] => [
    "spire",
    alert,
    { [`${metric}{job="${job}",status="Unavailable"}`]: "0+1x60" },
    { [`${metric}{job="${job}",status="OK"}`]: "0+1x60" },
  ]),
];

const missing = promtoolMissing();
const describeWithPromtool = missing ? describe.skip : describe;

describeWithPromtool(
  `alerts of the other components, as Prometheus reads them${missing ? ` (${missing})` : ""}`,
  () => {
    test.each(Object.keys(rules))("the rules of %s are valid, and each has a case", (name) => {
      expect(ruleFaults(rules[name]!)).toBe("");
      const alerts = rules[name]!.groups.flatMap((group) =>
        (group.rules as { alert: string }[]).map(({ alert }) => alert),
      );
      expect(alerts.filter((alert) => !cases.some((one) => one[0] === name && one[1] === alert))).toEqual([]);
    });

    test.each(cases)("of %s, %s fires when it should, and not otherwise", (name, alert, bad, good) => {
      expect(firing(rules[name]!, alert, [bad, good], 30).map((summaries) => summaries.length)).toEqual([1, 0]);
    });
  },
);
