import { spawnSync } from "node:child_process";
import { searchPath } from "../../loopback/missing";

const { stderr } = spawnSync("nginx", ["-v"], { encoding: "utf8", env: { ...process.env, PATH: searchPath } });

/** Version of the NGINX that the tests run; that of Debian 12 where none is installed and the tests are skipped. */
export const nginxVersion = /nginx\/(\d+\.\d+\.\d+)/.exec(stderr ?? "")?.[1] ?? "1.22.1";

/** An image by a name that says this version. */
export const nginxImage = `registry.example.com/debian-nginx:${nginxVersion}`;
