// Makes the root file system with the NGINX of the tests on the wire; the set-up step waits for it.
import { makeNewestNginx, newestNginxMissing } from "./newest-nginx";

const missing = newestNginxMissing();
if (missing === undefined) makeNewestNginx();
else process.stderr.write(`${missing}\n`);
process.exitCode = missing === undefined ? 0 : 1;
