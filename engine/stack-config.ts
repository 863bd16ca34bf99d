import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Decrypt, findPassphrase, passphraseDecrypter } from "./passphrase";
import { type Project, readYaml } from "./project";

/** A stack's config as a program reads it: text by full key, and which keys are secret. */
export interface StackConfig {
  values: Record<string, string>;
  secretKeys: string[];
  /** All that is secret in the values, to be looked for in what is written. */
  secretTexts: string[];
}

interface StackFile {
  config?: Record<string, unknown>;
  encryptionsalt?: string;
  secretsprovider?: string;
  encryptedkey?: string;
}

interface Declaration {
  value?: unknown;
  default?: unknown;
  secret?: boolean;
}

/** Pulumi.<stack>.yaml over the defaults of Pulumi.yaml; a key without a namespace is the project's. */
export function readStackConfig(
  project: Project,
  stack: string,
  given: { config?: Record<string, string>; secretConfig?: Record<string, string> } = {},
): StackConfig {
  const path = join(project.stackConfigFolder, `Pulumi.${stack}.yaml`);
  const file = existsSync(path) ? readYaml<StackFile>(path) : {};
  const decrypt = lazily(() => decrypterOf(file, path));
  const config: StackConfig = { values: {}, secretKeys: [], secretTexts: [] };
  const declaredSecret = new Set<string>();
  const isSecret = (key: string) => {
    const full = fullKey(key, project.name);
    return declaredSecret.has(full) || config.secretKeys.includes(full);
  };
  const set = (key: string, text: string, secret: boolean) => {
    const full = fullKey(key, project.name);
    config.values[full] = text;
    config.secretKeys = [...config.secretKeys.filter((known) => known !== full), ...(secret ? [full] : [])];
  };
  const over = mapKeys({ ...given.config, ...given.secretConfig }, project.name);
  for (const [key, declared] of Object.entries(project.config)) {
    const { value, secret } = defaultOf(declared);
    if (value !== undefined) set(key, textOf(value), secret);
    else if (secret) declaredSecret.add(fullKey(key, project.name));
  }
  for (const [key, value] of Object.entries(file.config ?? {})) {
    const overridden = over[fullKey(key, project.name)];
    // A value that is given need not be decrypted, but stays secret.
    const reveal: Decrypt = (ciphertext) => {
      if (overridden !== undefined) return "";
      const text = decrypt()(ciphertext);
      config.secretTexts.push(text);
      return text;
    };
    const { plain, secret } = decryptDeep(value, reveal);
    set(key, overridden ?? textOf(plain), secret || isSecret(key));
  }
  for (const [key, text] of Object.entries(given.config ?? {})) set(key, text, isSecret(key));
  for (const [key, text] of Object.entries(given.secretConfig ?? {})) set(key, text, true);
  refuseMissing(project, stack, config);
  config.secretTexts.push(...config.secretKeys.map((key) => config.values[key] ?? ""));
  return config;
}

function fullKey(key: string, project: string): string {
  return key.includes(":") ? key : `${project}:${key}`;
}

function mapKeys(config: Record<string, string>, project: string): Record<string, string> {
  return Object.fromEntries(Object.entries(config).map(([key, text]) => [fullKey(key, project), text]));
}

function defaultOf(declared: unknown): { value: unknown; secret: boolean } {
  if (!isDeclaration(declared)) return { value: declared, secret: false };
  return { value: declared.value ?? declared.default, secret: declared.secret === true };
}

/** Pulumi.yaml's `config` holds either a value itself, or a declaration of its type and default. */
function isDeclaration(declared: unknown): declared is Declaration {
  return typeof declared === "object" && declared !== null && !Array.isArray(declared);
}

function refuseMissing(project: Project, stack: string, config: StackConfig): void {
  const missing = Object.entries(project.config)
    .filter(([key, declared]) => isDeclaration(declared) && !(fullKey(key, project.name) in config.values))
    .map(([key]) => key);
  if (missing.length === 0) return;
  throw new Error(
    `stack "${stack}" is missing the configuration ${missing.map((key) => `"${key}"`).join(", ")} that Pulumi.yaml ` +
      `declares without a default; set it in Pulumi.${stack}.yaml or with --config ${missing[0]}=…`,
  );
}

/** Programs read config as text; what has parts is JSON. */
function textOf(value: unknown): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? "");
}

function decryptDeep(value: unknown, decrypt: Decrypt): { plain: unknown; secret: boolean } {
  if (typeof value !== "object" || value === null) return { plain: value, secret: false };
  const { secure } = value as { secure?: unknown };
  if (typeof secure === "string" && Object.keys(value).length === 1) {
    return { plain: decrypt(secure), secret: true };
  }
  const parts = Object.entries(value).map(([key, part]) => ({ key, ...decryptDeep(part, decrypt) }));
  const plain = Array.isArray(value)
    ? parts.map((part) => part.plain)
    : Object.fromEntries(parts.map((part) => [part.key, part.plain]));
  return { plain, secret: parts.some((part) => part.secret) };
}

function decrypterOf(file: StackFile, path: string): Decrypt {
  const provider = file.secretsprovider ?? "passphrase";
  if (provider !== "passphrase" || file.encryptedkey || !file.encryptionsalt) {
    throw new Error(
      `${path} has secure values of the secrets provider "${file.secretsprovider ?? "service"}"; the embedded engine ` +
        "decrypts those of the passphrase provider only, so give these values with --config",
    );
  }
  const passphrase = findPassphrase(process.env);
  if (passphrase === undefined) {
    throw new Error(
      `${path} has secure values; set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE, or give them with --config`,
    );
  }
  return passphraseDecrypter(file.encryptionsalt, passphrase, path);
}

function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
