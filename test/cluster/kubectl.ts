import { execFile } from "node:child_process";

/** Runs kubectl against one cluster; the answer is its standard output, a failure shows its standard error. */
export type Kubectl = (args: string[], input?: string) => Promise<string>;

/** `program` may be a command that runs kubectl somewhere else, in a node's network for example. */
export function kubectlFor(program: string | string[], kubeconfig: string): Kubectl {
  const [command, ...before] = [program].flat();
  return (args, input) =>
    new Promise((resolve, reject) => {
      const environment = { ...process.env, KUBECONFIG: kubeconfig };
      const child = execFile(
        command!,
        [...before, ...args],
        { env: environment, maxBuffer: 1 << 28 },
        (error, stdout, stderr) => {
          if (error === null) resolve(stdout);
          else reject(new Error(stderr.trim() || error.message));
        },
      );
      // A kubectl that ends before it reads has said why.
      child.stdin?.on("error", () => undefined);
      child.stdin?.end(input ?? "");
    });
}
