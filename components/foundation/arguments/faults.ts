import { UserLocation } from "./location";
import { type Fault, Refusal } from "./refusal";

/** Takes the faults that rules find. */
export interface FaultSink {
  /** Records a fault; throws it if the component exists by then and the record is no longer read. */
  add(fault: Fault): void;
  /** Runs one rule; the next one runs also where this one ends early. */
  attempt(rule: () => void): void;
}

/** Ends a rule whose fault is recorded. */
export class RuleEnded extends Error {}

/** Runs one of several rules that end at their first fault; the next one runs also after a fault that is recorded. */
export function continueAfterFault(rule: () => void): void {
  try {
    rule();
  } catch (error) {
    if (!(error instanceof RuleEnded)) throw error;
  }
}

/** The faults of one component's arguments, from the first look at them until the component is made. */
export class Faults implements FaultSink {
  private readonly location = new UserLocation();
  private readonly ofTypes: Fault[] = [];
  private readonly ofRules: Fault[] = [];
  private readonly throwing: boolean;
  private closed = false;

  /**
   * @param component the component as messages name it: `MqttProxy "edge"`
   * @param mode `throw`: each fault is an error of its own, for values that are known late
   */
  constructor(
    private readonly component: string,
    mode: "collect" | "throw" = "collect",
  ) {
    this.throwing = mode === "throw";
  }

  add(fault: Fault): void {
    if (this.throwing || this.closed) throw this.refusal([fault]);
    this.ofRules.push(fault);
  }

  /** Records a value that is not of its type. Rules see the arguments without it, so they may stumble over the gap. */
  addTypeFault(fault: Fault): void {
    if (this.throwing || this.closed) throw this.refusal([fault]);
    this.ofTypes.push(fault);
  }

  attempt(rule: () => void): void {
    try {
      rule();
    } catch (error) {
      if (!(error instanceof RuleEnded) && this.ofTypes.length === 0) throw error;
    }
  }

  /** Throws what was recorded, in one error. Later faults are thrown as they are found. */
  close(): void {
    this.closed = true;
    const found = [...this.ofTypes, ...this.ofRules.filter((fault) => !this.followsFromType(fault))];
    if (found.length > 0) throw this.refusal(found);
  }

  private readonly refusal = (faults: Fault[]) => new Refusal(this.component, faults, this.location);

  /** Returns whether a rule only found the gap that a value of the wrong type left. */
  private followsFromType({ path, alternatives = [] }: Fault): boolean {
    return this.ofTypes.some(
      (type) =>
        path === type.path ||
        isBelow(path, type.path) ||
        (path !== "" && parentOf(type.path) === path) ||
        // A misspelt name is why the right one is missing.
        type.remedy === `write ${path}` ||
        alternatives.some((other) => other === type.path || isBelow(type.path, other)),
    );
  }
}

const isBelow = (path: string, above: string) => path.startsWith(`${above}.`) || path.startsWith(`${above}[`);

const parentOf = (path: string) => path.replace(/(\.[^.[\]]+|\[[^\]]*\])$/, "");
