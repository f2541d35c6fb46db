import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultParameters } from "@plimsoll/risk";
import { contentHash, encodeParameters, nameParameters } from "@plimsoll/schema";
import { afterAll, describe, expect, it } from "vitest";
import { type CommandRun, runPlimsoll } from "../support/cli.ts";

const root = mkdtempSync(join(tmpdir(), "plimsoll-parameters-"));
afterAll(() => rmSync(root, { recursive: true }));

const shipped = encodeParameters(defaultParameters);

let files = 0;
function fileOf(value: unknown): string {
  files += 1;
  const path = join(root, `set-${files}.json`);
  writeFileSync(path, JSON.stringify(value));
  return path;
}

const whole = fileOf(shipped);

/** The figures that a file changes of the shipped set, as `plimsoll parameters diff` tells them, and what was said. */
async function changes(value: unknown): Promise<CommandRun & { differences: Record<string, unknown> }> {
  const run = await runPlimsoll(root, ["parameters", "diff", whole, fileOf(value), "--json"]);
  if (run.code !== 0) throw new Error(run.err);
  const { differences } = JSON.parse(run.out) as { differences: { path: string; after: unknown }[] };
  return { ...run, differences: Object.fromEntries(differences.map(({ path, after }) => [path, after])) };
}

const refusal = async (value: unknown) => {
  const { code, err, out } = await runPlimsoll(root, ["parameters", "diff", whole, fileOf(value)]);
  expect(out).toBe("");
  expect(code).toBe(1);
  return err;
};

describe("a parameter file names only what it changes", () => {
  it("is a number at the top, or the example of the documentation", async () => {
    expect((await changes({ history_tolerance: 0.5 })).differences).toEqual({ history_tolerance: 0.5 });
    const { differences } = await changes({
      methods: { derive_pmrm_2: { maintenance_factor: 0.9 }, portfolio_deribit: { decorrelation: 1 } },
    });
    expect(differences).toEqual({
      "methods.derive_pmrm_2.maintenance_factor": 0.9,
      "methods.portfolio_deribit.decorrelation": 1,
    });
  });

  it("is a member of an object within a method, or of the ladder", async () => {
    const options = { initial_rate: 0.2 };
    const { differences } = await changes({
      methods: { standard: { options } },
      severity: { clean_sweeps_to_leave: 9 },
    });
    expect(differences).toEqual({ "methods.standard.options.initial_rate": 0.2, "severity.clean_sweeps_to_leave": 9 });
  });

  it("is a member of a row, where the rows of the list are named", async () => {
    const rows = shipped.scan.map(({ underlying }) => ({
      underlying,
      ...(underlying === "*" && { price_scan_range: 0.3 }),
    }));
    const { differences, err } = await changes({ scan: rows });
    expect(differences).toEqual({ "scan[*].price_scan_range": 0.3 });
    expect(err).not.toContain("gone");
  });

  it("is a list with the rows that it names and no others, which is said", async () => {
    const [first] = shipped.scan;
    const { differences, err } = await changes({ scan: [{ underlying: first?.underlying, price_scan_range: 0.3 }] });
    expect(differences[`scan[${first?.underlying}].price_scan_range`]).toBe(0.3);
    const others = Object.keys(differences).filter((path) => !path.startsWith(`scan[${first?.underlying}]`));
    expect(others.length).toBeGreaterThan(10);
    expect(others.every((path) => path.startsWith("scan[") && differences[path] === null)).toBe(true);
    expect(err).toContain(
      'The rows ETH and * of scan are gone, because a list keeps only the rows that the file names: to keep them add {"underlying":"ETH"}, {"underlying":"*"}\n',
    );
    const emptied = await changes({ methods: { portfolio: { size: [] } } });
    expect(Object.keys(emptied.differences).every((path) => path.startsWith("methods.portfolio.size"))).toBe(true);
  });

  it("is another kind of valuation, with the members of its own kind and no others", async () => {
    const pegged = shipped.collateral.find(({ valuation }) => valuation.kind === "pegged");
    const collateral = shipped.collateral.map(({ asset }) =>
      asset === pegged?.asset ? { asset, valuation: { kind: "market" } } : { asset },
    );
    const { differences } = await changes({ collateral });
    expect(differences[`collateral[${pegged?.asset}].valuation.kind`]).toBe("market");
    expect(Object.keys(differences).every((path) => path.startsWith(`collateral[${pegged?.asset}].valuation`))).toBe(
      true,
    );
  });

  it("says which set it started from, and what it is called then", async () => {
    const { err } = await changes({ history_tolerance: 0.5 });
    expect(err).toMatch(/set-\d+\.json changes 1 figure of the shipped set default-\d+, as changed-[0-9a-f]{12}\n/);
    expect((await changes({ history_tolerance: 0.5, parameters_version: "mine" })).err).toMatch(
      /default-\d+, as mine-[0-9a-f]{12}\n/,
    );
  });

  // Seen to fail: "changes 0 figures", under a name of its own.
  it("changes nothing where it names nothing, and is the shipped set", async () => {
    const { err, differences } = await changes({});
    expect(differences).toEqual({});
    expect(err).toMatch(/set-\d+\.json changes nothing of the shipped set (default-\d+): its set is \1\n/);
  });

  it("margins by it, under a version of its own", async () => {
    const example = join(import.meta.dirname, "../../packages/cli/examples/portfolio.json");
    const words = ["margin", example, "-m", "sample", "--json"];
    const initialOf = ({ out }: CommandRun) => Number(JSON.parse(out).methods[0].initial_margin);
    const scan = shipped.scan.map(({ underlying }) => ({ underlying, price_scan_range: 0.3 }));
    const usual = await runPlimsoll(root, words);
    const wider = await runPlimsoll(root, [...words, "--parameters", fileOf({ scan })]);
    expect(initialOf(wider)).toBeGreaterThan(1.3 * initialOf(usual));
    expect(JSON.parse(wider.out).parameters_version).toMatch(/^changed-[0-9a-f]{12}$/);
  });
});

describe("a parameter file that is a whole set", () => {
  it("is that set as it was stored: what is absent since before it existed stays absent, and nothing is said", async () => {
    const { peg_offsets: _, funding_horizon_hours: __, parameters_version: ___, ...old } = shipped;
    const set = { ...old, parameters_version: `old-1-${contentHash(old).slice(0, 12)}` };
    const { err, differences } = await changes(set);
    expect(err).toBe("");
    expect(Object.keys(differences).every((path) => /^peg_offsets|^funding_horizon_hours/.test(path))).toBe(true);
  });
});

describe("the version of a parameter file", () => {
  const versionOf = async (value: unknown) => {
    const { code, out, err } = await runPlimsoll(root, ["parameters", "show", fileOf(value)]);
    if (code !== 0) throw new Error(err);
    return { version: JSON.parse(out).parameters_version as string, err };
  };
  const { parametersVersion: shippedName, ...content } = defaultParameters;

  // Seen to fail: the changed set was called by the shipped version, and nothing was said.
  it("is never that of another content, also where the file is a whole set that states one", async () => {
    const named = nameParameters("mine", content).parametersVersion;
    for (const stated of [shippedName, named, "changed-0123456789ab"]) {
      const { version, err } = await versionOf({ ...shipped, history_tolerance: 0.5, parameters_version: stated });
      expect(version).toMatch(/^changed-[0-9a-f]{12}$/);
      expect(err).toContain(`states the version ${stated}, which is not of what it holds: its set is ${version}\n`);
    }
  });

  it("stays where it is the hash of the content, and is completed where it is only a name", async () => {
    const named = nameParameters("mine", content).parametersVersion;
    expect(await versionOf({ ...shipped, parameters_version: named })).toEqual({ version: named, err: "" });
    expect(await versionOf({ ...shipped, parameters_version: "mine" })).toEqual({ version: named, err: "" });
    expect(await versionOf(shipped)).toEqual({ version: shippedName, err: "" });
  });

  // Whoever changes a shipped figure gives the set its next name, so that one name never stands for two contents.
  it("that ships is of the content that ships", () => {
    expect(nameParameters(shippedName, content).parametersVersion).toBe("default-3-1bb57b2d67d8");
  });
});

// Seen to fail: both asked for --table.
describe("plimsoll parameters show without a table", () => {
  it.each([
    ["the shipped set", shipped.parameters_version],
    ["a file", whole],
  ])("prints %s", async (_, name) => {
    const { code, out, err } = await runPlimsoll(root, ["parameters", "show", name]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(JSON.parse(out)).toEqual(JSON.parse(JSON.stringify(shipped)));
  });
});

describe("a parameter file that is refused", () => {
  it("names what it does not know by its path, with the nearest that is known", async () => {
    expect(await refusal({ histroy_tolerance: 1 })).toMatch(
      /\$\.histroy_tolerance: not a field that is known; the nearest known: history_tolerance; got 1/,
    );
    expect(await refusal({ methods: { derive_pmrm_2: { maintenance_facter: 0.9 } } })).toMatch(
      /\$\.methods\.derive_pmrm_2\.maintenance_facter: not a field that is known; the nearest known: maintenance_factor/,
    );
    expect(await refusal({ methods: { standard: { options: { inital_rate: 0.9 } } } })).toMatch(
      /\$\.methods\.standard\.options\.inital_rate: not a field that is known; the nearest known: initial_rate/,
    );
    expect(await refusal({ methods: { portfolioo: {} } })).toMatch(/the nearest known: portfolio/);
    expect(await refusal({ scan: [{ underlying: "*", price_scan_rang: 1 }] })).toMatch(
      /\$\.scan\[0\]\.price_scan_rang: not a field that is known; the nearest known: price_scan_range/,
    );
  });

  it("names a new row that is not whole, and a value out of bounds, by path", async () => {
    expect(await refusal({ scan: [{ underlying: "NEWCOIN" }] })).toMatch(/\$\.scan\[0\]\.price_scan_range: /);
    expect(await refusal({ maintenance_to_initial_ratio: 1.5 })).toMatch(
      /\$\.maintenance_to_initial_ratio: .*; got 1\.5/,
    );
  });

  it.each([[[]], ["text"], [null], [7], [{ methods: [] }], [{ scan: {} }]])("is %j", async (value) => {
    expect(await refusal(value)).toMatch(/: .*; got /);
  });
});
