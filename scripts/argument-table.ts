// Writes components/foundation/arguments/table.ts from the exported interfaces: `npm run arguments`.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const root = join(__dirname, "..");

/** Returns the fields of every interface of the library's arguments, as the types are now. */
export function readArgumentTypes(): Record<string, Fields> {
  const { options, fileNames } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(root, "tsconfig.plugin.json"), ts.sys.readFile).config,
    ts.sys,
    root,
  );
  const program = ts.createProgram({ rootNames: fileNames, options });
  const reader = new TypeReader(program.getTypeChecker());
  const entry = program.getSourceFile(join(root, "components/index.ts"))!;
  reader.readComponents(entry);
  return Object.fromEntries([...reader.types].sort(([one], [other]) => (one < other ? -1 : 1)));
}

type Fields = Record<string, string>;

/** Reads interfaces into lines of the table, each interface once. */
class TypeReader {
  readonly types = new Map<string, Fields>();
  private readonly declarations = new Map<string, ts.Declaration>();

  constructor(private readonly checker: ts.TypeChecker) {}

  /** Adds the arguments of every exported class with a parameter `args`. */
  readComponents(entry: ts.SourceFile): void {
    for (const exported of this.checker.getExportsOfModule(this.checker.getSymbolAtLocation(entry)!)) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(exported) : exported;
      const declaration = symbol.declarations?.find(ts.isClassDeclaration);
      const made = declaration?.members.find(ts.isConstructorDeclaration);
      const args = made?.parameters.find(({ name }) => name.getText() === "args");
      if (args) this.readInterface(this.checker.getTypeAtLocation(args));
    }
  }

  private readInterface(type: ts.Type): string {
    const symbol = type.getSymbol();
    const declaration = symbol?.declarations?.find(ts.isInterfaceDeclaration);
    if (!symbol || !declaration) throw new Error(`${this.checker.typeToString(type)} is not an interface`);
    const { name } = symbol;
    const known = this.declarations.get(name);
    if (known !== undefined && known !== declaration) throw new Error(`two interfaces are called ${name}`);
    if (known !== undefined) return name;
    this.declarations.set(name, declaration);
    const fields: Fields = {};
    this.types.set(name, fields);
    for (const property of type.getProperties()) {
      const { field, line } = this.readProperty(property, declaration);
      fields[field] = line;
    }
    return name;
  }

  private readProperty(property: ts.Symbol, at: ts.Node) {
    const optional = (property.flags & ts.SymbolFlags.Optional) !== 0;
    const tag = (name: string) => property.getJsDocTags(this.checker).find((found) => found.name === name);
    let shape: string;
    try {
      const order = (property.declarations ?? []).flatMap((declaration) => this.literalsIn(declaration));
      shape = this.shapeOf(this.checker.getTypeOfSymbolAtLocation(property, at), order);
    } catch (error) {
      throw new Error(`${property.name}: ${(error as Error).message}`);
    }
    const secret = tag("secret") ? "!" : "";
    const value = jsonScalar(ts.displayPartsToString(tag("default")?.text));
    const hint = optional ? "" : firstSentence(ts.displayPartsToString(property.getDocumentationComment(this.checker)));
    return {
      field: optional ? `${property.name}?` : property.name,
      line: [`${shape}${secret}`, ...(value === undefined ? [] : [`=${value}`]), ...(hint ? [hint] : [])].join(" "),
    };
  }

  /** Returns the texts of a closed set as they are declared; TypeScript orders them by the file that it reads first. */
  private literalsIn(node: ts.Node, seen = new Set<ts.Node>()): string[] {
    if (seen.has(node)) return [];
    seen.add(node);
    if (ts.isStringLiteral(node)) return [node.text];
    const name = ts.isTypeReferenceNode(node) ? node.typeName : ts.isTypeQueryNode(node) ? node.exprName : undefined;
    const symbol = name && this.checker.getSymbolAtLocation(name);
    const named = symbol && symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
    const children = (named?.declarations ?? []).filter(
      (declared): declared is ts.Declaration =>
        ts.isTypeAliasDeclaration(declared) || ts.isVariableDeclaration(declared),
    ) as ts.Node[];
    node.forEachChild((child) => void children.push(child));
    return children.flatMap((child) => this.literalsIn(child, seen));
  }

  private shapeOf(type: ts.Type, order: readonly string[]): string {
    const members = (type.isUnion() ? type.types : [type]).filter(({ flags }) => !(flags & ts.TypeFlags.Undefined));
    const wrapped = members.filter((member) => isNamed(member, "OutputInstance") || isNamed(member, "Promise"));
    const plain = members.filter((member) => !wrapped.includes(member));
    return `${wrapped.length > 0 ? "~" : ""}${this.plainShape(plain, order)}`;
  }

  private plainShape(members: ts.Type[], order: readonly string[]): string {
    const all = (flags: ts.TypeFlags) => members.every((member) => member.flags & flags);
    if (all(ts.TypeFlags.String)) return "string";
    if (all(ts.TypeFlags.Number)) return "number";
    if (all(ts.TypeFlags.BooleanLike)) return "boolean";
    if (all(ts.TypeFlags.Any)) return "any";
    if (all(ts.TypeFlags.String | ts.TypeFlags.Number)) return "scalar";
    if (all(ts.TypeFlags.StringLiteral)) {
      const values = members.map((member) => (member as ts.StringLiteralType).value).sort();
      const missing = values.filter((value) => !order.includes(value));
      return `<${[...order.filter((value, index) => values.includes(value) && order.indexOf(value) === index), ...missing].join("|")}>`;
    }
    const [type] = members;
    if (members.length !== 1 || !type)
      throw new Error(`a union of ${members.map((member) => this.checker.typeToString(member)).join(" and ")}`);
    if (this.checker.isArrayType(type))
      return `[${this.shapeOf(this.checker.getTypeArguments(type as ts.TypeReference)[0]!, order)}]`;
    const values = this.checker.getIndexTypeOfType(type, ts.IndexKind.String);
    if (values && type.getProperties().length === 0) return `{${this.shapeOf(values, order)}}`;
    return this.readInterface(type);
  }
}

const isNamed = (type: ts.Type, name: string): boolean =>
  type.getSymbol()?.name === name || (type.isIntersection() && type.types.some((part) => isNamed(part, name)));

/** Returns a default that is a text, number or boolean as JSON, and undefined for one in prose. */
function jsonScalar(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? undefined : JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** Returns what to write, for a message about a missing argument. */
function firstSentence(text: string): string {
  const [sentence = ""] = text.replace(/\s+/g, " ").split(/(?<=[^.])[.:;](?:\s|$)/);
  return sentence.trim();
}

function print(types: Record<string, Fields>): string {
  const body = Object.entries(types).map(([name, fields]) => {
    const lines = Object.entries(fields).map(([field, line]) => `    ${quoted(field)}: ${JSON.stringify(line)},\n`);
    return `  ${name}: {\n${lines.join("")}  },\n`;
  });
  return `// Written by \`npm run arguments\` from the interfaces of the library. Do not edit.

/**
 * Fields of every interface that an argument has, by its name. A field that may be left out ends in \`?\`. Its line is the type, the default
 * after \`=\`, and for a required one what to write. Types: \`~\` may be an Output, \`[…]\` a list, \`{…}\` a record, \`<a|b>\` a closed set, \`!\` a secret.
 */
export const argumentTable: Record<string, Record<string, string>> = {
${body.join("")}};
`;
}

const quoted = (field: string) => (/^[A-Za-z_$][\w$]*$/.test(field) ? field : JSON.stringify(field));

if (require.main === module)
  writeFileSync(join(root, "components/foundation/arguments/table.ts"), print(readArgumentTypes()));
