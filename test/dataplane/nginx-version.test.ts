import { Edition } from "../../components/nginx";
import { nginxImage } from "../../components/nginx/image";
import { newestNginxFolder, newestNginxMissing } from "../newest-nginx";
import { nginxVersion } from "./nginx-version";

const missing = newestNginxMissing() ?? (newestNginxFolder() === undefined ? "it is not made yet" : undefined);

(missing ? test.skip : test)(
  `the tests on the wire run the release that the components name${missing ? ` (${missing})` : ""}`,
  () => {
    const release = (version: string) => version.split(".").slice(0, 2).join(".");
    expect(release(nginxVersion)).toBe(release(/:(\d+\.\d+\.\d+)$/.exec(nginxImage(Edition.oss) as string)![1]!));
  },
);
