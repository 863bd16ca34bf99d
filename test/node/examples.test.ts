import { documentTests } from "./documents";
import { describeNode } from "./fixture";
import { instanceManagerTests } from "./instance-manager";
import { mqttFleetTests } from "./mqtt-fleet";
import { mqttProxyTests } from "./mqtt-proxy";
import { platformTests } from "./platform";
import { installedStacks, stackTests } from "./stacks";

// One node for all of them, since its start takes a quarter of a minute.
describeNode("the examples", (node) => {
  const stacks = installedStacks(node);
  describe("each stack", () => stackTests(node, stacks));
  describe("mqtt-fleet", () => mqttFleetTests(node, stacks));
  describe("instance-manager", () => instanceManagerTests(node, stacks));
  describe("the others", () => platformTests(node, stacks));
  describe("a page", () => documentTests(node));
  describe("mqtt-proxy", () => mqttProxyTests(node, stacks));
});
