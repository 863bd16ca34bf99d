import { foundationArguments } from "./foundation";
import { gatewayArguments } from "./gateway";
import { managerArguments } from "./manager";
import { managerFrontArguments } from "./manager-fronts";
import { meshArguments } from "./mesh";
import { mqttArguments } from "./mqtt";
import { nginxArguments } from "./nginx";
import { pkiArguments } from "./pki";

/** Lists of accepted arguments by the name of the component; several where one argument excludes another. */
export type ValidArguments = Record<string, object[]>;

/** Accepted arguments of every component of the library. */
export const validArguments: ValidArguments = {
  ...foundationArguments,
  ...gatewayArguments,
  ...managerArguments,
  ...managerFrontArguments,
  ...meshArguments,
  ...mqttArguments,
  ...nginxArguments,
  ...pkiArguments,
};
