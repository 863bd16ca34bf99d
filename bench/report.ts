import { spawnSync } from "node:child_process";
import { cpus, loadavg, totalmem } from "node:os";
import { type Round, type Spread, spread } from "./statistics";

/** A line of the table: what costs how many times as much as what else. */
export interface Row {
  measure: string;
  of: string;
  over: string;
  /** "" where only `values` can be said. */
  ratio: string;
  /** The absolute values behind the ratio. */
  values: string;
}

/** How a metric is turned into a cost, and a cost into words. */
export interface Metric {
  measure: string;
  /** Name of the value in a sample. */
  key: string;
  print: (value: number) => string;
  /** Whether the values are shown with what the one adds to the other. */
  difference?: boolean;
}

/** Which contestant is compared with which, and what the ratio should at most be. */
export type Pair<Name extends string> = [of: Name, over: Name, aim?: number];

/** Whether programs can be run; otherwise which cannot. */
export function missingPrograms(...programs: string[]): string | undefined {
  const absent = programs.filter((program) => spawnSync(program, ["--help"]).error);
  return absent.length > 0 ? `no ${absent.join(", no ")} on PATH` : undefined;
}

/** Compares two contestants round by round. */
export function compare<Name extends string>(
  rounds: Round<Name>[],
  { measure, key, print, difference }: Metric,
  labels: Record<Name, string>,
  of: Name,
  over: Name,
  aim?: number,
): Row {
  const ratio = spread(rounds.map((round) => round[of][key]! / round[over][key]!));
  const typical = (name: Name) => print(spread(rounds.map((round) => round[name][key]!)).median);
  const more = spread(rounds.map((round) => round[of][key]! - round[over][key]!)).median;
  return {
    measure,
    of: labels[of],
    over: labels[over],
    ratio: `${printSpread(ratio)}${aim === undefined ? "" : `, aim ${aim}: ${ratio.median <= aim ? "met" : "**missed**"}`}`,
    values: `${typical(of)} / ${typical(over)}${difference ? ` (${more < 0 ? "" : "+"}${print(more)})` : ""}`,
  };
}

export const notMeasured = (measure: string, why: string): Row => ({
  measure,
  of: "",
  over: "",
  ratio: "",
  values: `not measured: ${why}`,
});

export const printSpread = ({ median, minimum, maximum }: Spread) =>
  `${median.toFixed(2)} (${minimum.toFixed(2)}–${maximum.toFixed(2)})`;

export const kibibytes = (value: number) => `${value.toFixed(value < 10 ? 1 : 0)} KiB`;
export const seconds = (value: number) => `${value.toFixed(value < 10 ? 2 : 1)} s`;
export const microseconds = (value: number) => `${value.toFixed(value < 10 ? 1 : 0)} µs`;

export function table(rows: Row[]): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |\n`;
  const head = ["measure", "of", "over", "ratio: median (min–max)", "values: of / over"];
  return [
    head,
    head.map(() => "---"),
    ...rows.map(({ measure, of, over, ratio, values }) => [measure, of, over, ratio, values]),
  ]
    .map(line)
    .join("");
}

/** What the numbers depend on; to be asked before anything is measured. */
export function machine(): string {
  const version = (command: string, args: string[], pattern: RegExp) => {
    const { stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
    return pattern.exec(`${stdout}${stderr}`)?.[1] ?? "missing";
  };
  const programs = {
    "Node.js": process.versions.node,
    NGINX: version("nginx", ["-v"], /nginx\/(\S+)/),
    mosquitto: version("mosquitto", ["-h"], /version (\S+)/),
    OpenSSL: version("openssl", ["version"], /OpenSSL (\S+)/),
    HAProxy: version("haproxy", ["-v"], /version (\d[\d.]*)/),
    "Pulumi CLI": version("pulumi", ["version"], /v(\S+)/),
  };
  const [processor] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return [
    `${cpus().length} cores (${processor?.model.trim()}), ${memory} of memory`,
    `load average ${loadavg()[0]!.toFixed(1)} at the start`,
    ...Object.entries(programs).map(([name, number]) => `${name} ${number}`),
  ].join(", ");
}
