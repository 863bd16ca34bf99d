import { createCipheriv, pbkdf2Sync, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readProject } from "../../engine/project";
import { readStackConfig } from "../../engine/stack-config";
import { temporaryFolder } from "./temporary";

const PULUMI_YAML = `
name: shop
runtime: nodejs
config:
  replicas: 2
  host: { type: string, default: broker.example.com }
  kubernetes:namespace: { value: messaging }
  password: { type: string, secret: true, default: from-default }
`;

function project(pulumiYaml: string, stackYaml?: string) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "Pulumi.yaml"), pulumiYaml);
  if (stackYaml) writeFileSync(join(folder, "Pulumi.dev.yaml"), stackYaml);
  return readProject(folder);
}

/** As `pulumi config set --secret` writes it; the format was checked against CLI 3.259. */
function passphraseProvider(passphrase: string) {
  const salt = randomBytes(8);
  const key = pbkdf2Sync(passphrase, salt, 1_000_000, 32, "sha256");
  const encrypt = (text: string) => {
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
  };
  return { encrypt, encryptionSalt: `v1:${salt.toString("base64")}:${encrypt("pulumi")}` };
}

const saved = { ...process.env };
beforeEach(() => {
  delete process.env.PULUMI_CONFIG_PASSPHRASE;
  delete process.env.PULUMI_CONFIG_PASSPHRASE_FILE;
});
afterAll(() => {
  process.env = saved;
});

test("defaults of the project, then the stack file, then what is given", () => {
  const shop = project(
    PULUMI_YAML,
    "config:\n  shop:host: mqtt.example.com\n  tls: true\n  ports: [1883, 8883]\n  kubernetes:context: kind\n",
  );
  expect(
    readStackConfig(shop, "dev", {
      config: { replicas: "5", "kubernetes:namespace": "given" },
      secretConfig: { token: "t" },
    }),
  ).toEqual({
    values: {
      "shop:replicas": "5",
      "shop:host": "mqtt.example.com",
      "kubernetes:namespace": "given",
      "shop:password": "from-default",
      "shop:tls": "true",
      "shop:ports": "[1883,8883]",
      "kubernetes:context": "kind",
      "shop:token": "t",
    },
    secretKeys: ["shop:password", "shop:token"],
    secretTexts: ["from-default", "t"],
  });
});

test("a key that is declared without a default must be set; given, it is secret where it is declared so", () => {
  const shop = project("name: shop\nruntime: nodejs\nconfig:\n  license: { type: string, secret: true }\n");
  expect(() => readStackConfig(shop, "dev")).toThrow(
    'stack "dev" is missing the configuration "license" that Pulumi.yaml declares without a default; ' +
      "set it in Pulumi.dev.yaml or with --config license=…",
  );
  expect(readStackConfig(shop, "dev", { config: { license: "given" } })).toMatchObject({
    values: { "shop:license": "given" },
    secretKeys: ["shop:license"],
  });
});

test("secure values are decrypted with the passphrase, wherever they are in a structure", () => {
  const passphrase = randomBytes(9).toString("base64");
  const { encrypt, encryptionSalt } = passphraseProvider(passphrase);
  const shop = project(
    "name: shop\nruntime: nodejs\n",
    `encryptionsalt: ${encryptionSalt}
config:
  shop:password: { secure: "${encrypt("swordfish")}" }
  shop:database:
    host: db.example.com
    users: [{ name: a, password: { secure: "${encrypt("second secret")}" } }]
  shop:open: text
`,
  );
  process.env.PULUMI_CONFIG_PASSPHRASE = passphrase;
  const expected = {
    values: {
      "shop:password": "swordfish",
      "shop:database": '{"host":"db.example.com","users":[{"name":"a","password":"second secret"}]}',
      "shop:open": "text",
    },
    secretKeys: ["shop:password", "shop:database"],
  };
  const config = readStackConfig(shop, "dev");
  expect(config).toMatchObject(expected);
  expect(config.secretTexts).toEqual(expect.arrayContaining(["swordfish", "second secret"]));

  delete process.env.PULUMI_CONFIG_PASSPHRASE;
  const passphraseFile = join(temporaryFolder(), "passphrase");
  writeFileSync(passphraseFile, `${passphrase}\n`);
  process.env.PULUMI_CONFIG_PASSPHRASE_FILE = passphraseFile;
  expect(readStackConfig(shop, "dev")).toMatchObject(expected);

  process.env.PULUMI_CONFIG_PASSPHRASE = "another";
  expect(() => readStackConfig(shop, "dev")).toThrow(
    /Pulumi\.dev\.yaml: incorrect passphrase; check PULUMI_CONFIG_PASSPHRASE or/,
  );
});

// Written by the real CLI (3.259) with this passphrase, which protects nothing.
test("a stack file of the real CLI is decrypted", () => {
  process.env.PULUMI_CONFIG_PASSPHRASE = "x";
  const shop = project(
    "name: real\nruntime: nodejs\n",
    `encryptionsalt: v1:aOFlrZGxsbk=:v1:iw1MSqP4atWKYBb6:jxg3uC0MQ1xcV7ZvIea1t2FPt6Y2fg==
config:
  real:a: plain
  real:s:
    secure: v1:89LlT68+CNrVgCQe:ub10xK/c5ML6bqa1fdhoVRccpvlkrwy4
  real:o:
    list:
      - 1
    pw:
      secure: v1:m30JGLyx5BsRT7QW:G3N2AnDeS2FYQ5EDKqUtUNV3YQ==
`,
  );
  expect(readStackConfig(shop, "dev")).toEqual({
    values: { "real:a": "plain", "real:s": "hunter22", "real:o": '{"list":[1],"pw":"zzz"}' },
    secretKeys: ["real:s", "real:o"],
    secretTexts: ["hunter22", "zzz", "hunter22", '{"list":[1],"pw":"zzz"}'],
  });
});

test("secure values that cannot be decrypted are refused, unless they are given; then they stay secret", () => {
  const stackYaml =
    "secretsprovider: awskms://alias/example\nencryptedkey: abc\nconfig:\n  shop:password: { secure: AAAA }\n";
  const shop = project("name: shop\nruntime: nodejs\n", stackYaml);
  expect(() => readStackConfig(shop, "dev")).toThrow(
    /has secure values of the secrets provider "awskms:\/\/alias\/example"; the embedded engine decrypts those of the passphrase provider only, so give these values with --config$/,
  );
  expect(readStackConfig(shop, "dev", { config: { password: "given" } })).toMatchObject({
    values: { "shop:password": "given" },
    secretKeys: ["shop:password"],
  });
  const { encryptionSalt } = passphraseProvider("p");
  const locked = project(
    "name: shop\nruntime: nodejs\n",
    `encryptionsalt: ${encryptionSalt}\nconfig:\n  shop:password: { secure: "v1:a:b" }\n`,
  );
  expect(() => readStackConfig(locked, "dev")).toThrow(
    /has secure values; set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE, or give them with --config$/,
  );
});

test("main is entered as a folder or run as a file in its own folder", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "index.ts"), "");
  const read = (main: string) => {
    writeFileSync(join(folder, "Pulumi.yaml"), `name: shop\nruntime: nodejs\nmain: ${main}\n`);
    return readProject(folder);
  };
  expect(read("index.ts")).toMatchObject({ programFolder: folder, entryPoint: "index.ts" });
  expect(read("./")).toMatchObject({ programFolder: folder, entryPoint: "." });
  expect(() => read("absent.ts")).toThrow("main is absent.ts, which does not exist");
});

test.each([
  ["name: shop\nruntime: python\n", 'has the runtime "python"; the embedded engine runs nodejs programs only'],
  ["runtime: nodejs\n", "has no project name"],
])("a project that cannot be run is refused: %j", (yaml, message) => {
  expect(() => project(yaml)).toThrow(message);
});

test("a folder without Pulumi.yaml is refused", () => {
  const folder = temporaryFolder();
  expect(() => readProject(folder)).toThrow(`${folder} has no Pulumi.yaml; name the folder of a Pulumi project`);
});
