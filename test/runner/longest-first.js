const { existsSync, readdirSync } = require("node:fs");
const { join } = require("node:path");
const Sequencer = require("@jest/test-sequencer").default;

/** What takes minutes, longest first: begun last, one of these would run alone on a machine where the others have ended. */
const long = [
  "node/examples",
  "cluster/examples",
  "components/examples",
  "cluster/spire",
  "components/options",
  "dataplane/mqtt-fuzz",
  "components/mqtt/connect-fuzz",
].map((name) => `/test/${name}.test.ts`);

const cache = join(__dirname, "../../.cache");
const isBuilt = () => existsSync(cache) && readdirSync(cache).some((name) => /^cluster-[0-9a-f]{16}$/.test(name));

/** Jest's order is of sizes where it has not seen the tests run: the shortest file of all takes longest here. */
class LongestFirst extends Sequencer {
  async sort(tests) {
    const built = isBuilt();
    // What is not built yet is built while the other rings run.
    const waits = (path) => !built && /\/test\/(?:cluster|node|pulumi)\//.test(path);
    const place = ({ path }) => {
      const index = long.findIndex((name) => path.endsWith(name));
      return (waits(path) ? long.length + 1 : 0) + (index < 0 ? long.length : index);
    };
    const others = [...(await super.sort(tests))];
    return others.sort((one, other) => place(one) - place(other));
  }
}

module.exports = LongestFirst;
