import { dirname, join } from "node:path";
import { packageFolders, textOf } from "./repository.ts";
import { codeOf, ownExportsOf, readImports, type SyntaxNode, treeOf, walk } from "./syntax.ts";

/** The files of the source and how they find each other. */
export interface ModuleGraph {
  readonly files: readonly string[];
  /** The file that a module is, as a file writes it, or null when it is none of the source. */
  readonly resolve: (from: string, target: string) => string | null;
}

/** Finds modules by relative paths, and by the names of packages through the `exports` of their package.json. */
export function readGraph(files: readonly string[]): ModuleGraph {
  const known = new Set(files);
  const published = new Map<string, string>();
  for (const room of packageFolders) {
    const { exports = {} } = JSON.parse(textOf(`packages/${room}/package.json`));
    const paths: Record<string, string> = typeof exports === "string" ? { ".": exports } : exports;
    for (const [name, path] of Object.entries(paths)) {
      published.set(join("@plimsoll", room, name), join("packages", room, path));
    }
  }
  const found = new Map<string, string | null>();
  const resolve = (from: string, target: string) => {
    const place = `${dirname(from)} ${target}`;
    let file = found.get(place);
    if (file === undefined) {
      const path = target.startsWith(".") ? join(dirname(from), target) : published.get(target);
      file = path !== undefined && known.has(path) ? path : null;
      found.set(place, file);
    }
    return file;
  };
  return { files, resolve };
}

/** The files of the source that a file names in its code by their paths, such as that of a worker that it starts. */
function filesNamedBy(file: string, { resolve }: ModuleGraph): string[] {
  return [...codeOf(file).matchAll(/["'`(]([\w./-]+\.ts)["'`]/g)].flatMap(([, path = ""]) => {
    return resolve(file, path.startsWith(".") ? path : `./${path}`) ?? [];
  });
}

/** The files that no entry comes to by imports and by the files that it starts. */
export function findUnreached(graph: ModuleGraph, entries: readonly string[]): string[] {
  const reached = new Set<string>();
  const open = [...entries];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    const from = file;
    const targets = readImports(file).map(({ target }) => (target === null ? null : graph.resolve(from, target)));
    open.push(...targets.filter((target) => target !== null), ...filesNamedBy(file, graph));
  }
  return graph.files.filter((file) => !reached.has(file));
}

/** The names that a pattern of a declaration or a parameter binds. */
function namesBoundBy(pattern: SyntaxNode | null): string[] {
  switch (pattern?.type) {
    case "Identifier":
      return [pattern.name];
    case "ObjectPattern":
      return pattern.properties.flatMap((one: SyntaxNode) => namesBoundBy(one.value ?? one.argument));
    case "ArrayPattern":
      return pattern.elements.flatMap(namesBoundBy);
    case "AssignmentPattern":
      return namesBoundBy(pattern.left);
    case "RestElement":
      return namesBoundBy(pattern.argument);
    default:
      return [];
  }
}

function namesDeclaredBy(node: SyntaxNode): string[] {
  if (node.type === "VariableDeclaration") return node.declarations.flatMap((one: SyntaxNode) => namesBoundBy(one.id));
  return namesBoundBy(node.id ?? null);
}

/** The statement of a file that declares a name. */
function declarationOf(file: string, name: string): SyntaxNode | undefined {
  return treeOf(file).body.find((statement: SyntaxNode) => {
    return namesDeclaredBy(statement.declaration ?? statement).includes(name);
  });
}

const isFunction = ({ type }: SyntaxNode) => /Function(Declaration|Expression)$/.test(type);

/** The names that a function binds: its parameters, and all that is declared anywhere in it. */
function namesIn(node: SyntaxNode): ReadonlySet<string> {
  const names = new Set<string>(node.params.flatMap(namesBoundBy));
  walk(node, (inner) => {
    if (inner === node) return;
    if (isFunction(inner)) for (const name of inner.params.flatMap(namesBoundBy)) names.add(name);
    if (inner.type === "VariableDeclaration" || inner.type === "FunctionDeclaration") {
      for (const name of namesDeclaredBy(inner)) names.add(name);
    }
  });
  return names;
}

/** Whether an identifier only names a member, a parameter of a function type or a specifier, and reads no variable. */
function isNameOnly(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  if (parent === undefined) return false;
  const isKey = (parent.key === node || parent.property === node) && !parent.computed && !parent.shorthand;
  return isKey || /^(Import|Export)\w*Specifier$/.test(parent.type) || parent.label === node;
}

/** Of some names that a file declares, those that its own code uses outside of their declarations. */
function usedInside(file: string, names: readonly string[]): Set<string> {
  const used = new Set<string>();
  const declarations = new Map(names.map((name) => [name, declarationOf(file, name)]));
  const bound = new Map<SyntaxNode, ReadonlySet<string>>();
  const binds = (node: SyntaxNode, name: string) => {
    const inside = bound.get(node) ?? namesIn(node);
    bound.set(node, inside);
    return inside.has(name);
  };
  walk(treeOf(file), (node, ancestors) => {
    const { type, name } = node;
    if (type !== "Identifier" || !declarations.has(name) || used.has(name) || isNameOnly(node, ancestors.at(-1)))
      return;
    const declaration = declarations.get(name);
    if (declaration !== undefined && ancestors.includes(declaration)) return;
    if (!ancestors.some((one) => isFunction(one) && binds(one, name))) used.add(name);
  });
  return used;
}

/** Follows each import to the files that declare what it names, and collects `file: name` of all that is imported. */
class ImportedNames {
  readonly #used = new Set<string>();
  readonly #graph: ModuleGraph;

  constructor(graph: ModuleGraph) {
    this.#graph = graph;
  }

  /** Takes what a file imports; what an index only passes on is taken when somebody imports it there. */
  addImportsOf(file: string): void {
    for (const { target, names } of readImports(file)) {
      const found = target === null ? null : this.#graph.resolve(file, target);
      if (found === null) continue;
      for (const { name, exportedAs } of names) if (exportedAs === null) this.#add(found, name);
    }
  }

  has(file: string, name: string): boolean {
    return this.#used.has(`${file}: ${name}`) || this.#used.has(`${file}: *`);
  }

  #add(file: string, name: string): void {
    const place = `${file}: ${name}`;
    if (this.#used.has(place)) return;
    this.#used.add(place);
    for (const { target, names } of readImports(file)) {
      const source = target === null ? null : this.#graph.resolve(file, target);
      if (source === null) continue;
      for (const taken of names) {
        if (taken.exportedAs === "*") this.#add(source, name);
        else if (taken.exportedAs === name || (taken.exportedAs !== null && name === "*"))
          this.#add(source, taken.name);
      }
    }
  }
}

/**
 * The exports that no file of the source uses, as `file: name`: neither by an import from that file, through whatever
 * index passes it on, nor in the file itself outside of its declaration. `users` are files beside the source that
 * import from it, such as the scripts of a package.
 */
export function findUnusedExports(graph: ModuleGraph, users: readonly string[]): string[] {
  const imported = new ImportedNames(graph);
  for (const file of [...graph.files, ...users]) imported.addImportsOf(file);
  return graph.files.flatMap((file) => {
    const exported = ownExportsOf(file).filter(({ name }) => !imported.has(file, name));
    const inside =
      exported.length === 0
        ? new Set()
        : usedInside(
            file,
            exported.map(({ local }) => local),
          );
    return exported.filter(({ local }) => !inside.has(local)).map(({ name }) => `${file}: ${name}`);
  });
}
