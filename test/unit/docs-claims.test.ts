import { existsSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { defaultParameters, methodIds } from "@plimsoll/risk";
import { limits } from "@plimsoll/schema";
import { describe, expect, it } from "vitest";
import { runPlimsoll } from "../support/cli.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const isThere = (path: string) => existsSync(join(root, path));
const scripts: Record<string, string> = JSON.parse(read("package.json")).scripts;

/** Every page for readers: those at the top and all below docs. */
const pages = [
  "README.md",
  "SECURITY.md",
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];

/** Cells of the table whose head has these words in its first cell. */
function tableAfter(page: string, head: string): string[][] {
  const lines = page.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`| ${head} |`));
  if (start < 0) throw new Error(`no table that begins with ${head}`);
  const rest = lines.slice(start + 2);
  const end = rest.findIndex((line) => !line.startsWith("|"));
  return rest
    .slice(0, end < 0 ? undefined : end)
    .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "").trim()));
}

/** Words in backticks. */
const quoted = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, inner]) => inner ?? "");

const helps = new Map<string, Promise<string>>();
/** The help of a command, or of the one below it. */
async function helpOf(...words: string[]): Promise<string> {
  const key = words.join(" ");
  const known = helps.get(key);
  if (known !== undefined) return known;
  const help = runPlimsoll(tmpdir(), [...words, "--help"]).then(({ code, out, err }) => {
    if (code !== 0) throw new Error(`plimsoll ${key}: ${err}`);
    return out;
  });
  helps.set(key, help);
  return help;
}

const commandGroups = new Set(["parameters", "accounts", "calls", "span"]);
const looksLikeFile = (word: string) =>
  /\.(json|csv|csv\.gz|spn|spn\.gz|html)$/.test(word) || /^(packages|test|docs)\//.test(word);
const writes = new Set(["--out", "--html", "--write", ">"]);

/** What is wrong with a command as a page has it: a script, a command, an option or a file that is not there. */
async function faultsOf(command: string): Promise<string[]> {
  const words = command.replace(/ +#.*$/, "").split(/ +/);
  if (words[0] === "npm") {
    const script = words[1] === "run" ? words.slice(2).find((word) => !word.startsWith("--")) : words[1];
    const isKnown = script !== undefined && (["ci", "ls"].includes(script) || script in scripts);
    const rest = words.slice(words.indexOf("--") + 1);
    const files = words.includes("--") ? filesOf(rest) : [];
    return [...(isKnown ? [] : [`no script ${script}`]), ...files.filter((file) => !isThere(file))];
  }
  if (words[1] !== "plimsoll") return [];
  const given = words.slice(2);
  const name = given[0] ?? "";
  if (name === "--help") return [];
  const below = commandGroups.has(name) && !given[1]?.startsWith("-") ? [name, given[1] ?? ""] : [name];
  const help = await helpOf(...below);
  const options = given.filter((word) => /^--?[a-z]/.test(word));
  return [
    ...options.filter((option) => option !== "--help" && !help.includes(option)).map((option) => `no option ${option}`),
    ...filesOf(given).filter((file) => !isThere(file)),
  ];
}

/** Files that a command reads, but for places to be filled in. */
function filesOf(words: readonly string[]): string[] {
  return words.filter((word, index) => {
    const isWritten =
      writes.has(words[index - 1] ?? "") || words[index - 1] === "--data" || words[index - 2] === "span";
    return looksLikeFile(word) && !isWritten && !/[<>…]|^https?:/.test(word);
  });
}

describe("docs/claims.md", () => {
  const rows = tableAfter(read("docs/claims.md"), "claim");

  it("has a test that is there for each claim", () => {
    expect(rows.length).toBeGreaterThan(15);
    const missing = rows.flatMap(([claim, tests]) => {
      const named = quoted(tests ?? "");
      const lacking = named.filter((name) => !isThere(`test/${name}.test.ts`));
      return named.length === 0 ? [`${claim}: no test`] : lacking;
    });
    expect(missing).toEqual([]);
  });

  it("counts the cases from outside and ours", () => {
    const files = readdirSync(join(root, "test/fixtures/vectors")).filter((name) => name.endsWith(".json"));
    expect(read("docs/claims.md")).toContain(`runs ${files.length} case files`);
    const table = tableAfter(read("docs/claims.md"), "method").flatMap(([cell]) => quoted(cell ?? ""));
    expect(methodIds.filter((id) => !table.includes(id))).toEqual([]);
  });
});

describe("what the pages say to type", () => {
  const typed = ["README.md", "docs/claims.md", "docs/methods/choosing.md", "docs/evidence.md", "docs/data.md"];

  // The first command that is asked for its help loads the most: 49 s on a machine at thirty times its load.
  it.each(typed)("in %s is a command, with options and files that are there", { timeout: 120_000 }, async (path) => {
    const page = read(path);
    const blocks = [...page.matchAll(/```\n?([^`]*)```/g)].flatMap(([, block]) => (block ?? "").split("\n"));
    const commands = [...blocks, ...quoted(page.replaceAll(/```[^`]*```/g, ""))]
      .map((text) => text.trim())
      .flatMap((text) => text.split(" && "))
      .filter((text) => /^(npx plimsoll|npm) /.test(text));
    const faults: string[] = [];
    for (const command of commands) {
      for (const fault of await faultsOf(command)) faults.push(`${command}: ${fault}`);
    }
    expect(faults).toEqual([]);
  });
});

// Seen to fail: 29 files of the examples were nowhere, such as monday.csv.gz.
describe("examples of the help", () => {
  it("name files that ship, that an example before wrote, or that are said to be the reader's own", async () => {
    const main = await helpOf();
    const names = [...main.matchAll(/^ {2}([a-z]+) /gm)]
      .map(([, name]) => name ?? "")
      .filter((name) => name !== "help");
    expect(names.length).toBeGreaterThan(10);
    const faults: string[] = [];
    for (const name of names) {
      const help = await helpOf(name);
      const own = /Files of your own: (.*?)(;|\)\.|$)/s.exec(help)?.[1] ?? "";
      const written = new Set<string>();
      for (const line of help.split("\n").filter((text) => text.startsWith("  $ "))) {
        const words = line
          .trim()
          .replace(/ {3,}.*$/, "")
          .split(/ +/)
          .slice(1);
        for (const file of filesOf(words).map((word) => word.replace(/^[A-Z]+=/, ""))) {
          if (!isThere(file) && !own.includes(file) && !written.has(file)) faults.push(`${name}: ${file}`);
        }
        for (const [index, word] of words.entries()) if (writes.has(words[index - 1] ?? "")) written.add(word);
      }
    }
    expect(faults).toEqual([]);
  });
});

describe("links between pages", () => {
  const slug = (heading: string) =>
    heading
      .replace(/^#+ /, "")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-");
  const headingsOf = (path: string) =>
    read(path)
      .split("\n")
      .filter((line) => line.startsWith("#"))
      .map(slug);

  it.each(pages)("of %s lead to files and headings that are there", (path) => {
    const broken = [...read(path).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = ""]) => {
      if (/^https?:/.test(target)) return [];
      const [file = "", anchor] = target.split("#");
      const to = file === "" ? path : relative(root, join(root, dirname(path), file));
      if (!isThere(to)) return [target];
      return anchor === undefined || headingsOf(to).includes(anchor) ? [] : [target];
    });
    expect(broken).toEqual([]);
  });
});

describe("docs/dependencies.md", () => {
  it("says what each dependency is for, and names no other", () => {
    const manifests = [
      "package.json",
      ...readdirSync(join(root, "packages")).map((name) => `packages/${name}/package.json`),
    ];
    const used = new Set(
      manifests.flatMap((path) => {
        const { dependencies = {}, devDependencies = {}, optionalDependencies = {} } = JSON.parse(read(path));
        return Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
      }),
    );
    const listed = tableAfter(read("docs/dependencies.md"), "dependency").flatMap(([cell]) => quoted(cell ?? ""));
    const covers = (name: string, entry: string) =>
      entry.endsWith("/*") ? name.startsWith(entry.slice(0, -1)) : name === entry;
    const unlisted = [...used].filter(
      (name) => !name.startsWith("@plimsoll/") && !listed.some((entry) => covers(name, entry)),
    );
    expect(unlisted).toEqual([]);
    expect(listed.filter((entry) => ![...used].some((name) => covers(name, entry)))).toEqual([]);
  });
});

describe("README.md", () => {
  const readme = read("README.md");

  it("has the figures of what it describes", () => {
    const { version } = JSON.parse(read("package.json"));
    expect(readme).toContain(`version ${version.replace(/\.0$/, "")}`);
    expect(readme).toContain(`at most ${limits.accountsPerShard.toLocaleString("en")} accounts`);
    expect(methodIds).toHaveLength(15);
    expect(readme).toContain("all fifteen methods");
    expect(readme).toContain(`parameters show ${defaultParameters.parametersVersion}`);
    expect(read("docs/backtest/README.md")).toContain("22.3 % of notional");
    expect(read("docs/backtest/accounts.md")).toContain("124,188");
  });

  it("has short sentences", () => {
    const prose = readme
      .replaceAll(/```[^`]*```/g, "")
      .split("\n")
      .filter((line) => !/^(\||#|npx|$)/.test(line))
      .join(" ")
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");
    const sentences = prose
      .split(/[.:;!?] (?=[A-Z`*-])|\. *$/)
      .map((text) => text.split(/\s+/).filter((word) => /\w/.test(word)).length);
    const counted = sentences.filter((count) => count > 0);
    const average = counted.reduce((sum, count) => sum + count, 0) / counted.length;
    expect(average).toBeLessThan(16);
  });
});
