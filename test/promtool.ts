import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { missingPrograms, searchPath } from "../loopback/missing";

/** Why no rules can be run here, or undefined when they can. */
export const promtoolMissing = (): string | undefined => missingPrograms("promtool");

/** Rules as a PrometheusRule has them. */
export interface Rules {
  groups: { name: string; rules: object[] }[];
}

/** What Prometheus has to say against rules; empty when it takes them. */
export const ruleFaults = (rules: Rules): string =>
  promtool({ "rules.yml": rules }, "check", "rules", "rules.yml").faults;

/** What Prometheus has to say against expressions; empty when it takes them. */
export const expressionFaults = (expressions: string[]): string =>
  ruleFaults({
    groups: [
      { name: "expressions", rules: expressions.map((expr, index) => ({ record: `expression:${index}`, expr })) },
    ],
  });

/** Series with their values, one each minute, as promtool writes them: `{ 'up{pod="a"}': "1 1 0x5" }`. */
export type Series = Record<string, string>;

/** For each set of series, the alerts of that name that fire after some minutes of it, each by its summary. */
export function firing(rules: Rules, alert: string, sets: Series[], minutes: number): string[][] {
  // None fires with such a label, so it says of each set what does.
  const nothingLikeIt = [{ exp_labels: { none: "such" } }];
  const test = {
    rule_files: ["rules.yml"],
    evaluation_interval: "1m",
    tests: sets.map((series) => ({
      interval: "1m",
      input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
      alert_rule_test: [{ eval_time: `${minutes}m`, alertname: alert, exp_alerts: nothingLikeIt }],
    })),
  };
  const { output } = promtool({ "rules.yml": rules, "test.yml": test }, "test", "rules", "test.yml");
  const [, ...got] = output.split(/\bgot:\[/);
  if (got.length !== sets.length) throw new Error(output);
  return got.map((text) => [...text.matchAll(/\bsummary="([^"]*)"/g)].map(([, summary]) => summary!));
}

function promtool(files: Record<string, object>, ...args: string[]): { output: string; faults: string } {
  const folder = mkdtempSync(join(tmpdir(), "nginx-stacks-rules-"));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), stringify(content));
    const { status, stdout, stderr, error } = spawnSync("promtool", args, {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, PATH: searchPath },
    });
    if (error) throw error;
    const output = stdout + stderr;
    return { output, faults: status === 0 ? "" : output };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
