import { foundation } from "./foundation";
import { services } from "./services";
import { config } from "./settings";

// Two stacks for each environment, the second of which takes what the first one gives:
//   pulumi up --stack foundation-dev
//   pulumi up --stack services-dev

const given = config.get("foundation");

export = given === undefined ? foundation() : services(given);
