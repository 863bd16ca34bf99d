import { argumentOf, type Refuser } from "../foundation";
import type { NginxPlusArgs } from "./nginx-plus-args";
import { resolveNginx } from "./resolve";

/** Checks the arguments of an NginxPlus for a component whose rules throw. */
export const checkNginxPlus = (args: NginxPlusArgs, refuse: Refuser): void =>
  void resolveNginx(argumentOf(refuse, args));
