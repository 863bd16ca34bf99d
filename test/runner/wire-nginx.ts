import { delimiter } from "node:path";
import { newestNginxFolder } from "../newest-nginx";

// Tests run the NGINX whose release the components name, those below dataplane/debian the one that this Debian has.
const folder = newestNginxFolder();
const ofDebian = /\/test\/dataplane\/debian\//.test(expect.getState().testPath ?? "");
const paths = (process.env.PATH ?? "").split(delimiter).filter((path) => path !== folder);
process.env.PATH = (folder === undefined || ofDebian ? paths : [folder, ...paths]).join(delimiter);
