import * as pulumi from "@pulumi/pulumi";
import { agents } from "./agents";
import { authority } from "./authority";

// The authority comes first, and the stacks of agents after it, in any order and beside each other:
//   pulumi up --stack authority
//   pulumi up --stack agents-east
//   pulumi up --stack agents-west

const config = new pulumi.Config();
const region = config.get("region");

export = region === undefined ? authority() : agents(region, config.requireNumber("agents"));
