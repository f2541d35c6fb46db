import { type ParseResult, parseSync } from "rolldown/utils";
import { packageFolders, textOf } from "./repository.ts";

/** The folders of the source, without those of the stacks, which import nothing of it. */
export const roomFolders = [...packageFolders.map((room) => `packages/${room}/src`), "functions"];

/** One node of a syntax tree in the form of ESTree, with the members that its type has. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  // biome-ignore lint/suspicious/noExplicitAny: which members there are depends on the type, which the reader tests.
  readonly [member: string]: any;
}

const parsedFiles = new Map<string, ParseResult>();

/** The text of a file without its comments. */
export function codeOf(file: string): string {
  return textOf(file)
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/^\s*\/\/.*$/gm, "");
}

/** A file as it was parsed, once. Throws an error when the file is not well-formed. */
function parse(file: string): ParseResult {
  const parsed = parsedFiles.get(file) ?? parseSync(file, textOf(file));
  if (parsed.errors.length > 0) throw new SyntaxError(`${file}: ${parsed.errors[0]?.message}`);
  parsedFiles.set(file, parsed);
  return parsed;
}

/** The syntax tree of a file. */
export function treeOf(file: string): SyntaxNode {
  return parse(file).program as unknown as SyntaxNode;
}

/** Visits a node and all that is in it. `ancestors` are the nodes around it, the innermost last. */
export function walk(
  node: SyntaxNode,
  visit: (node: SyntaxNode, ancestors: readonly SyntaxNode[]) => void,
  ancestors: SyntaxNode[] = [],
): void {
  visit(node, ancestors);
  ancestors.push(node);
  for (const name in node) {
    const member = node[name];
    if (member === null || typeof member !== "object") continue;
    for (const child of Array.isArray(member) ? member : [member]) {
      if (typeof child?.type === "string") walk(child, visit, ancestors);
    }
  }
  ancestors.pop();
}

/** The nodes of a file that a test picks, in the order of the source. */
export function nodesOf(
  file: string,
  picks: (node: SyntaxNode, ancestors: readonly SyntaxNode[]) => boolean,
): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  walk(treeOf(file), (node, ancestors) => {
    if (picks(node, ancestors)) found.push(node);
  });
  return found;
}

/** A place as an assertion prints it: the file, and the node's source on one line. */
export function placeOf(file: string, { start, end }: SyntaxNode): string {
  return `${file}: ${textOf(file).slice(start, end).replaceAll(/\s+/g, " ")}`;
}

/** The name that a node is declared by, or null where it is a pattern, a computed key or nothing. */
export function nameOf(node: SyntaxNode | null | undefined): string | null {
  if (node?.type === "Identifier" || node?.type === "PrivateIdentifier") return node.name;
  return node?.type === "Literal" ? String(node.value) : null;
}

/** One name that is taken of a module, with that by which others can import it here where it is exported again. */
export interface TakenName {
  /** The name in the module, `default` among them; `*` stands for all of them. */
  readonly name: string;
  /** Whether it is taken as a type, which the compiler leaves out. */
  readonly isType: boolean;
  /** The name by which it is exported here, `*` for those that it has there, or null where it is imported. */
  readonly exportedAs: string | null;
}

/** One import of a module, or export from it. */
export interface Import {
  /** The module as it is written, or null where it is computed when the code runs. */
  readonly target: string | null;
  readonly names: readonly TakenName[];
}

const importsByFile = new Map<string, readonly Import[]>();

/** All that a file imports: by statements, by `import()`, in types, by `require`, and what it exports from elsewhere. */
export function readImports(file: string): readonly Import[] {
  const known = importsByFile.get(file);
  if (known !== undefined) return known;
  const { staticImports, staticExports } = parse(file).module;
  const found: Import[] = staticImports.map(({ moduleRequest, entries }) => ({
    target: moduleRequest.value,
    names: entries.map(({ importName, isType }) => {
      const name = importName.kind === "Default" ? "default" : (importName.name ?? "*");
      return { name, isType, exportedAs: null };
    }),
  }));
  for (const { moduleRequest, importName, exportName, isType } of staticExports.flatMap(({ entries }) => entries)) {
    if (moduleRequest === null) continue;
    const exportedAs = exportName.name ?? (exportName.kind === "Default" ? "default" : "*");
    found.push({ target: moduleRequest.value, names: [{ name: importName.name ?? "*", isType, exportedAs }] });
  }
  if (/\b(import|require)\s*\(/.test(textOf(file))) {
    walk(treeOf(file), (node, ancestors) => {
      const read = expressionImport(node, ancestors);
      if (read !== null) found.push(read);
    });
  }
  importsByFile.set(file, found);
  return found;
}

/** The modules that a file imports, as they are written. */
export function importsOf(file: string): string[] {
  return readImports(file).flatMap(({ target }) => target ?? []);
}

/** The names that a file exports of its own, as others import them, each with the name that it has in the file. */
export function ownExportsOf(file: string): { readonly name: string; readonly local: string }[] {
  return parse(file)
    .module.staticExports.flatMap(({ entries }) => entries)
    .filter(({ moduleRequest }) => moduleRequest === null)
    .map(({ exportName, localName }) => ({ name: exportName.name ?? "default", local: localName.name ?? "default" }));
}

function expressionImport(node: SyntaxNode, ancestors: readonly SyntaxNode[]): Import | null {
  if (node.type === "TSImportType") {
    const name = nameOf(node.qualifier) ?? "*";
    return { target: node.source.value, names: [{ name, isType: true, exportedAs: null }] };
  }
  const isRequire = node.type === "CallExpression" && nameOf(node.callee) === "require";
  if (node.type !== "ImportExpression" && !isRequire) return null;
  const source: SyntaxNode | undefined = isRequire ? node.arguments[0] : node.source;
  const target = source?.type === "Literal" ? String(source.value) : null;
  return { target, names: namesTakenOf(ancestors).map((name) => ({ name, isType: false, exportedAs: null })) };
}

/** The names that the code around an `import()` takes of it: `(await import(x)).name` or `const { name } = await import(x)`. */
function namesTakenOf(ancestors: readonly SyntaxNode[]): readonly string[] {
  const around = ancestors.findLast(({ type }) => type !== "AwaitExpression" && type !== "ParenthesizedExpression");
  if (around?.type === "ExpressionStatement") return [];
  if (around?.type === "MemberExpression" && !around.computed) return [nameOf(around.property) ?? "*"];
  if (around?.type !== "VariableDeclarator" || around.id.type !== "ObjectPattern") return ["*"];
  return around.id.properties.map((property: SyntaxNode) => nameOf(property.key) ?? "*");
}
