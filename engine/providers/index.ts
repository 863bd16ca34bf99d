import { kubernetes } from "./kubernetes";
import type { Provider } from "./provider";
import { random } from "./random";
import { tls } from "./tls";

/** All packages that the engine has resource types of, by name. */
export const providers: Record<string, Provider> = { kubernetes, random, tls };
