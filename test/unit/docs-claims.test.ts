import { existsSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { runVectors } from "@plimsoll/conformance";
import { defaultParameters, methodIds } from "@plimsoll/risk";
import { limits } from "@plimsoll/schema";
import { describe, expect, it } from "vitest";
import { runPlimsoll } from "../support/cli.ts";
import { packageFolders, readPages, root, textOf } from "../support/repository.ts";
import { faultsOfTyped, typedCommands, wordsOf } from "../support/typed-commands.ts";

/** A page as one line, since its lines break anywhere. */
const flowing = (path: string) => textOf(path).replaceAll(/\s+/g, " ");
const isThere = (path: string) => existsSync(join(root, path));

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

const looksLikeFile = (word: string) =>
  /\.(json|csv|csv\.gz|spn|spn\.gz|html)$/.test(word) || /^(packages|test|docs)\//.test(word);
const writes = new Set(["--out", "--html", "--write", ">"]);

/** Files that a command reads, but for places to be filled in. */
function filesOf(words: readonly string[]): string[] {
  return words.filter((word, index) => {
    const isWritten =
      writes.has(words[index - 1] ?? "") || words[index - 1] === "--data" || words[index - 2] === "span";
    return looksLikeFile(word) && !isWritten && !/[<>…]|^https?:/.test(word);
  });
}

describe("docs/claims.md", () => {
  const page = textOf("docs/claims.md");
  const rows = tableAfter(page, "claim");
  const named = (tests: string) =>
    [...tests.matchAll(/`([a-z]+\/[a-z0-9-]+)` "([^"]+)"/g)].map(([, file = "", title = ""]) => ({ file, title }));

  // Seen to fail with a row that named the test of another claim, and with one that named none.
  it("has for each claim a test, by its file and the first words of its title", () => {
    expect(rows.length).toBeGreaterThan(15);
    const faults = rows.flatMap(([claim, tests = ""]) => {
      const said = named(tests)
        .map(({ file, title }) => `\`${file}\` "${title}"`)
        .join(", ");
      if (said === "" || said !== tests) return [`${claim}: ${tests} is no list of tests`];
      return named(tests).flatMap(({ file, title }) => {
        const path = `test/${file}.test.ts`;
        if (!isThere(path)) return [`${claim}: no file ${path}`];
        // A title with a figure in it is a template.
        return ['"', "`"].some((quote) => textOf(path).includes(quote + title)) ? [] : [`${claim}: no test ${title}`];
      });
    });
    expect(faults).toEqual([]);
  });

  // Seen to fail with an empty cell.
  it("has for each claim one command, or a dash", () => {
    const faults = rows.filter(([, , command = ""]) => {
      const isCommand = typedCommands(command).length === 1 && /^`[^`]+`$/.test(command);
      return !isCommand && command !== "–";
    });
    expect(faults).toEqual([]);
    expect(rows.filter((row) => row.length !== 3)).toEqual([]);
  });

  it("has a row for each method, with the cases from outside and ours", () => {
    const table = tableAfter(page, "method").flatMap(([cell]) => quoted(cell ?? ""));
    expect(methodIds.filter((id) => !table.includes(id))).toEqual([]);
  });
});

describe("figures about cases", async () => {
  const folder = join(root, "test/fixtures/vectors");
  const { cases, grids } = await runVectors(folder);
  const fileOf = (file: string) => JSON.parse(readFileSync(join(folder, file), "utf8"));
  const sourceOf = (file: string): string => fileOf(file).source;
  const from = (source: RegExp) => cases.filter(({ file }) => source.test(sourceOf(file)));
  const count = (status: string) => cases.filter((judged) => judged.status === status).length;
  const claims = () => flowing("docs/claims.md");
  const rowOf = (id: string) => tableAfter(textOf("docs/claims.md"), "method").find(([cell]) => cell?.includes(id));
  const numbers = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
  const word = (value: number) => numbers[value] ?? String(value);
  const paramsOf = (file: string) => fileOf(`${file}.json`).params;

  // Seen to fail with 61 files that pass, and with one that does not apply.
  it("are those of a run: files, tables, what passes and what does not apply", () => {
    expect(count("fail")).toBe(0);
    expect(claims()).toContain(
      `runs ${cases.length} case files and ${word(grids.length)} tables. ${count("pass")} files pass. The other ${count("not_applicable")} are`,
    );
  });

  // Seen to fail with 99 cases of Derive.
  it("are those of the files by their sources", () => {
    const derive = from(/^Derive v2-core.* test\/risk-managers\//);
    expect(rowOf("derive_pmrm_2")?.[1]).toBe(`${derive.length} cases of Derive's own test suite`);
    const ofFamily = (family: string) => derive.filter((judged) => judged.family === family).length;
    const page = textOf("docs/methods/derive.md").replaceAll(/\s+/g, " ");
    expect(page).toContain(
      `These are ${ofFamily("derive_pmrm_2")} of 139 PMRM_2, ${ofFamily("derive_pmrm_1")} of 21 PMRM, ${ofFamily("derive_srm")} of 70 SRM, and ${from(/liquidationTests\.json/).length} auctions.`,
    );
    expect(rowOf("portfolio_deribit")?.[1]).toBe(`${word(from(/live sample/).length)} live samples of Deribit's API`);
    expect(rowOf("portfolio_okx")?.[1]).toBe(
      `${word(from(/^OKX announcement/).length)} tiered discount of an announcement`,
    );
    expect(rowOf("`span`")?.[1]).toContain(`${word(from(/textbook/i).length)} risk array of a textbook`);
  });

  it("are those of what a file holds: scenarios and points", () => {
    expect(rowOf("`span`")?.[2]).toContain(
      `; ${paramsOf("span_16_scenarios_single_future").scenarios.length} scenarios`,
    );
    expect(rowOf("portfolio_paradex")?.[2]).toContain(
      `${paramsOf("paradex_scan_margin_computed").scenarios.length} scenarios`,
    );
    expect(rowOf("`tims`")?.[2]).toBe(
      `${word(paramsOf("tims_valuation_points_computed").valuationPoints.length)} points`,
    );
  });

  it("are those of the other tables and tests", () => {
    const table = readdirSync(join(root, "packages/cli/examples/typical")).length;
    expect(claims()).toContain(`The table of ${word(table)} portfolios`);
    expect(flowing("docs/methods/choosing.md")).toContain(`What the methods ask of ${word(table)} portfolios`);
    const [, seeds = ""] = /^const seedsInMemory = (\d+);/m.exec(textOf("test/sim/sim-worlds.test.ts")) ?? [];
    expect(flowing("README.md")).toContain(`Tests live ${seeds} seeded worlds`);
    expect(flowing("docs/invariants.md")).toContain(`\`npm test\` lives the first ${seeds} seeds in memory`);
  });
});

describe("what the pages say to type", () => {
  // Seen to fail with each of: --method as --methodz, a command nope, --sedes, a project nope, a test that is not there.
  it.each(readPages())("in %s is read by what it is typed to", async (path) => {
    const faults: string[] = [];
    for (const command of typedCommands(textOf(path))) {
      for (const fault of await faultsOfTyped(command)) faults.push(`${command}: ${fault}`);
    }
    expect(faults).toEqual([]);
  });

  // Other pages name files of the reader's own.
  const ready = ["README.md", "CONTRIBUTING.md", "docs/claims.md", "docs/methods/choosing.md", "docs/evidence.md"];
  it.each([...ready, "docs/data.md"])("in %s reads files that are there", (path) => {
    const missing = typedCommands(textOf(path)).flatMap((command) =>
      /vitest/.test(command) ? [] : filesOf(wordsOf(command)).filter((file) => !isThere(file)),
    );
    expect(missing).toEqual([]);
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

describe("CONTRIBUTING.md", () => {
  const page = textOf("CONTRIBUTING.md");

  // Seen to fail with packages/store/src/retain.ts.
  it("names files and folders that are there", () => {
    const named = quoted(page.replaceAll(/```[^`]*```/g, "")).filter((text) =>
      /^(packages|functions|stacks|test|docs)(\/[\w./<>-]*)?$/.test(text),
    );
    expect(named.length).toBeGreaterThan(60);
    const example = (path: string) =>
      path
        .replace("methods/<id>", "methods/tims")
        .replace("help/<name>", "help/margin")
        .replace("commands/<name>", "commands/margin");
    const isNamed = (path: string) => isThere(path.includes("<") ? dirname(path) : path);
    expect(named.filter((path) => !isNamed(example(path)))).toEqual([]);
  });

  it("says of each package what is changed there", () => {
    const places = tableAfter(page, "to change").map(([, place = ""]) => place);
    const missing = packageFolders.filter(
      (name) => !places.some((place) => new RegExp(`packages/${name}[/\`]`).test(place)),
    );
    expect(missing).toEqual([]);
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
    textOf(path)
      .split("\n")
      .filter((line) => line.startsWith("#"))
      .map(slug);

  it.each(readPages())("of %s lead to files and headings that are there", (path) => {
    const broken = [...textOf(path).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = ""]) => {
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
    const manifests = ["package.json", ...packageFolders.map((name) => `packages/${name}/package.json`)];
    const used = new Set(
      manifests.flatMap((path) => {
        const { dependencies = {}, devDependencies = {}, optionalDependencies = {} } = JSON.parse(textOf(path));
        return Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
      }),
    );
    const listed = tableAfter(textOf("docs/dependencies.md"), "dependency").flatMap(([cell]) => quoted(cell ?? ""));
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
  const readme = textOf("README.md");

  it("has the figures of what it describes", () => {
    const { version } = JSON.parse(textOf("package.json"));
    expect(readme).toContain(`version ${version.replace(/\.0$/, "")}`);
    expect(readme).toContain(`at most ${limits.accountsPerShard.toLocaleString("en")} accounts`);
    expect(readme).toContain(`parameters show ${defaultParameters.parametersVersion}`);
    expect(textOf("docs/backtest/README.md")).toContain("22.3 % of notional");
    expect(textOf("docs/backtest/accounts.md")).toContain("124,188");
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
