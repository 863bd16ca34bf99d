// `npm run fuzz`: a million cases, with the time as the seed unless one is given.
import { nodeEngine } from "./connect-engines";
import { fuzz } from "./connect-fuzz";

const [count = 1_000_000, seed = Date.now() % 2 ** 32] = process.argv.slice(2).map(Number);
const session = nodeEngine();
const { faults, decisions } = fuzz((cases) => cases.map((one) => session(...one)), count, seed);
process.stdout.write(`seed ${seed}: ${JSON.stringify(decisions)}, ${faults.length} faults\n`);
for (const fault of faults.slice(0, 20)) process.stdout.write(`${fault}\n`);
process.exitCode = faults.length > 0 ? 1 : 0;
