import { join, relative, resolve } from "node:path";
import type { Project } from "./project";
import { hasSecret, type PropertyMap } from "./property-values";
import { State } from "./state";

export const STACK_REFERENCE = "pulumi:pulumi:StackReference";

/** Finds the outputs of another stack by the name that a program gives; throws where there are none. */
export type OtherStacks = (name: string) => PropertyMap;

/** State of a StackReference, as the real engine answers it. */
export function referenceOutputs(name: string, otherStacks: OtherStacks): PropertyMap {
  const outputs = otherStacks(name);
  const secretOutputNames = Object.keys(outputs).filter((output) => hasSecret(outputs[output] ?? null));
  return { name, outputs, secretOutputNames: secretOutputNames.sort() };
}

/** Outputs that are given, by any of the names that a stack has. */
export function givenStacks(given: Record<string, PropertyMap>, project: string): OtherStacks {
  const byName = byFullName(given, project);
  return (name) => {
    const outputs = byName.get(fullStackName(name, project));
    if (!outputs) throw new Error(`the outputs of stack "${name}" are not among the given stackOutputs`);
    return outputs;
  };
}

/** Outputs that earlier runs kept: those of the project's own stacks, and those whose state folders are given by name. */
export function keptStacks(project: Project, given: Record<string, string> = {}): OtherStacks {
  const folders = byFullName(given, project.name);
  return (name) => {
    const fullName = fullStackName(name, project.name);
    const [organization, projectName, stack] = fullName.split("/") as [string, string, string];
    const ownStack = organization === LOCAL_ORGANIZATION && projectName === project.name;
    const folder = folders.get(fullName) ?? (ownStack ? defaultStateFolder(project.folder, stack) : undefined);
    if (folder === undefined)
      throw new Error(
        `the program reads stack "${fullName}", which is none of this project; render it, and then say where its state is: ` +
          `--stack-reference ${fullName}=<its project folder>/.nginx-stacks/${stack}`,
      );
    const kept = State.outputsIn(folder);
    if (kept === undefined)
      throw new Error(
        `the program reads stack "${name}", which was not rendered yet (a preview does not count); first run: nginx-stacks render ` +
          (folders.has(fullName)
            ? `<its project folder> --stack ${stack} --state ${folder} --out <folder>`
            : `${relative(process.cwd(), project.folder) || "."} --stack ${stack} --out <folder>`),
      );
    if (kept.stack !== `${projectName}/${stack}`)
      throw new Error(
        `${resolve(folder)} has the outputs of stack "${kept.stack}", and not those of "${projectName}/${stack}"; ` +
          `name another state folder for ${fullName}`,
      );
    return kept.outputs;
  };
}

export function defaultStateFolder(projectFolder: string, stack: string): string {
  return join(projectFolder, ".nginx-stacks", stack);
}

/** The only organization of a backend that is no service, and what `pulumi.getOrganization()` says here. */
const LOCAL_ORGANIZATION = "organization";

/** `<organization>/<project>/<stack>` of the three forms that Pulumi's backends read (`pkg/backend/diy/store.go`). */
function fullStackName(name: string, project: string): string {
  const parts = name.split("/");
  const well = parts.every((part) => /^[A-Za-z0-9_.-]{1,100}$/.test(part) && part !== "." && part !== "..");
  if (!well || parts.length > 3)
    throw new Error(
      `"${name}" is not the name of a stack; write <stack>, <organization>/<stack> or <organization>/<project>/<stack>`,
    );
  const stack = parts.pop();
  const [organization = LOCAL_ORGANIZATION, projectName = project] = parts;
  return `${organization}/${projectName}/${stack}`;
}

function byFullName<T>(given: Record<string, T>, project: string): Map<string, T> {
  return new Map(Object.entries(given).map(([name, value]) => [fullStackName(name, project), value]));
}
