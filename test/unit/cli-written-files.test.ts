import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openOutputs } from "../../packages/cli/src/start/outputs.ts";
import { runPlimsoll } from "../support/cli.ts";
import { perpetualMarket } from "../support/perpetual-market.ts";

const root = mkdtempSync(join(tmpdir(), "plimsoll-written-"));
afterAll(() => rmSync(root, { recursive: true }));

const inputs = join(root, "inputs");
const market = join(inputs, "market.json");
const portfolio = join(inputs, "portfolio.json");
const prices = join(inputs, "btc.csv");
const spot = join(inputs, "binance_spot_btcusdt_1h.csv");

beforeAll(() => {
  mkdirSync(inputs);
  writeFileSync(market, JSON.stringify(perpetualMarket));
  const positions = [{ instrument_id: "BTC-PERPETUAL", quantity: "1", entry_price: "70000" }];
  writeFileSync(portfolio, JSON.stringify({ collateral: [{ asset: "USD", amount: "100000" }], positions }));
  const days = Array.from({ length: 60 }, (_, day) => new Date(Date.UTC(2026, 0, 1 + day)).toISOString());
  writeFileSync(prices, ["open_time_utc,close", ...days.map((day, at) => `${day},${70_000 + (at % 7)}`)].join("\n"));
  const hours = Array.from({ length: 24 * 80 }, (_, hour) => new Date(Date.UTC(2026, 0, 1, hour)).toISOString());
  const candle = (time: string, at: number) => {
    const close = 70_000 + 500 * Math.sin(at);
    return `${time},${close},${close + 10},${close - 10},${close},1`;
  };
  writeFileSync(spot, ["open_time_utc,open,high,low,close,volume", ...hours.map(candle)].join("\n"));
});

/** Every option and argument that names one file to write. */
const fileWriters: readonly (readonly [string, (path: string) => readonly string[]])[] = [
  ["margin --out", (path) => ["margin", portfolio, "-m", market, "--out", path]],
  ["explain --out", (path) => ["explain", portfolio, "-m", market, "--out", path]],
  ["compare --html", (path) => ["compare", portfolio, "-m", market, "--html", path]],
  ["import --out", (path) => ["import", market, "--out", path]],
  ["span write", (path) => ["span", "write", path, "-m", market]],
  ["scenarios --write", (path) => ["scenarios", `BTC=${prices}`, "--set-id", "daily-1", "--write", path]],
];

const run = (words: readonly string[]) => runPlimsoll(mkdtempSync(join(root, "run-")), words);
const place = () => mkdtempSync(join(root, "place-"));

describe.each(fileWriters)("%s", (_, words) => {
  it("writes the file in whole and leaves nothing beside it, in place of an earlier one with its rights", async () => {
    const folder = place();
    const path = join(folder, "result");
    writeFileSync(path, "old", { mode: 0o640 });
    const { code, err } = await run(words(path));
    expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
    expect(readFileSync(path, "utf8").length).toBeGreaterThan(100);
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder)).toEqual(["result"]);
  });

  it("makes the folders above it", async () => {
    const path = join(place(), "a", "b", "result");
    expect((await run(words(path))).code).toBe(0);
    expect(existsSync(path)).toBe(true);
  });

  it("writes through no symbolic link, whether its end is there or not", async () => {
    const folder = place();
    const victim = join(folder, "victim");
    writeFileSync(victim, "mine");
    for (const target of [victim, join(folder, "nowhere")]) {
      const path = join(folder, "link");
      symlinkSync(target, path);
      const { code, err } = await run(words(path));
      expect(code).toBe(1);
      expect(err).toMatch(/link is a symbolic link, and nothing is written through one: name the file itself/);
      expect(lstatSync(path).isSymbolicLink()).toBe(true);
      rmSync(path);
    }
    expect(readFileSync(victim, "utf8")).toBe("mine");
    expect(existsSync(join(folder, "nowhere"))).toBe(false);
  });

  it("says in one line that a file stands where a folder must be, or a folder where the file", async () => {
    const folder = place();
    writeFileSync(join(folder, "file"), "mine");
    const below = await run(words(join(folder, "file", "result")));
    expect(below.code).toBe(1);
    expect(below.err).toMatch(
      /^plimsoll: .*file\/result cannot be written: .*\/file is a file, and a folder must be there: .*\n$/m,
    );
    const onFolder = await run(words(folder));
    expect(onFolder.code).toBe(1);
    expect(onFolder.err).toMatch(/^plimsoll: .* is a folder: name a file\n$/m);
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("mine");
  });

  it.skipIf(!existsSync("/dev/full"))("says that a disk is full", async () => {
    const { code, err } = await run(words("/dev/full"));
    expect(code).toBe(1);
    expect(err).toMatch(/^plimsoll: \/dev\/full cannot be written: no room is left on its disk: make room.*\n$/m);
  });

  it("says that it may not write there", async () => {
    const { code, err } = await run(words("/proc/plimsoll/result"));
    expect(code).toBe(1);
    expect(err).toMatch(/^plimsoll: \/proc\/plimsoll\/result cannot be written: .*: .*\n$/m);
    expect(err).not.toMatch(/^\s+at /m);
  });
});

describe("backtest --out", () => {
  const words = (out: string) => ["backtest", "--prices", spot, "--portfolios", "1", "--workers", "1", "--out", out];

  it("goes into no symbolic link, neither the folder nor one in it", async () => {
    const folder = place();
    const victim = join(folder, "victim");
    mkdirSync(victim);
    symlinkSync(victim, join(folder, "link"));
    mkdirSync(join(folder, "out"));
    symlinkSync(victim, join(folder, "out", "portfolios"));
    for (const out of [join(folder, "link"), join(folder, "out")]) {
      const { code, err } = await run(words(out));
      expect(err).toMatch(/is a symbolic link, and nothing is written through one: name the folder itself/);
      expect(code).toBe(1);
    }
    expect(readdirSync(victim)).toEqual([]);
  });

  it("says in one line that a file stands where the folder must be", async () => {
    const path = join(place(), "file");
    writeFileSync(path, "mine");
    const { code, err } = await run(words(path));
    expect(code).toBe(1);
    expect(err).toMatch(/^plimsoll: .*file cannot be written: .*file is a file, and a folder must be there: .*$/m);
    expect(err).not.toMatch(/^\s+at /m);
  });
});

describe("the rejects of an input", () => {
  const bad = () => {
    const path = join(place(), "portfolio.json");
    writeFileSync(path, "[]");
    return path;
  };

  it("are kept in no linked folder, and are refused all the same", async () => {
    for (const linked of [[".plimsoll"], [".plimsoll", "rejects"]]) {
      const [folder, victim] = [place(), place()];
      mkdirSync(join(folder, ...linked.slice(0, -1)), { recursive: true });
      symlinkSync(victim, join(folder, ...linked));
      const { code, err } = await runPlimsoll(folder, ["margin", bad(), "-m", market]);
      expect(code).toBe(1);
      expect(err).toMatch(/1 refused; their reasons are not kept: .* is a symbolic link/);
      expect(readdirSync(victim)).toEqual([]);
    }
  });

  it("of an earlier run are removed through no link", async () => {
    const [folder, victim] = [place(), place()];
    mkdirSync(join(victim, "rejects"));
    const mine = join(victim, "rejects", "portfolio.json.rejects.jsonl");
    writeFileSync(mine, "mine");
    symlinkSync(victim, join(folder, ".plimsoll"));
    expect((await runPlimsoll(folder, ["margin", portfolio, "-m", market])).code).toBe(0);
    expect(readFileSync(mine, "utf8")).toBe("mine");
  });

  it("where no folder can be made are refused all the same", async () => {
    const folder = place();
    writeFileSync(join(folder, ".plimsoll"), "a file");
    const { code, err } = await runPlimsoll(folder, ["margin", bad(), "-m", market]);
    expect(code).toBe(1);
    expect(err).toMatch(/1 refused; their reasons are not kept: .*\.plimsoll is a file, and a folder must be there/);
    expect(err).not.toMatch(/^\s+at /m);
  });
});

describe("start --out", () => {
  it("leaves the results of an earlier run until those of the new one are whole, and forgets a run that fails", () => {
    const folder = place();
    const results = join(folder, "results.jsonl");
    writeFileSync(results, "old\n");
    const failed = openOutputs(folder);
    failed.addResults("s1", []);
    failed.drop();
    expect(readFileSync(results, "utf8")).toBe("old\n");
    expect(readdirSync(folder)).toEqual(["results.jsonl"]);
    const done = openOutputs(folder);
    done.addResults("s1", []);
    expect(readFileSync(results, "utf8")).toBe("old\n");
    done.writeEvents([]);
    expect(readFileSync(results, "utf8")).toBe("");
    expect(readdirSync(folder)).toEqual(["events.jsonl", "results.jsonl"]);
  });

  it("keeps what a demo has that is stopped, where it has anything", () => {
    const folder = place();
    const results = join(folder, "results.jsonl");
    writeFileSync(results, "old\n");
    openOutputs(folder).keepResults();
    expect(readFileSync(results, "utf8")).toBe("old\n");
    const demo = openOutputs(folder);
    demo.addResults("s1", []);
    demo.keepResults();
    expect(readFileSync(results, "utf8")).toBe("");
  });

  it("refuses a folder that is none before anything starts, and a link in the place of a result", async () => {
    const folder = place();
    writeFileSync(join(folder, "file"), "mine");
    const { code, err } = await run(["start", "--once", "--out", join(folder, "file")]);
    expect(code).toBe(1);
    expect(err).toMatch(/^plimsoll: .*file cannot be written: .*file is a file, and a folder must be there: .*\n$/);
    symlinkSync(join(folder, "file"), join(folder, "results.jsonl"));
    expect(() => openOutputs(folder)).toThrow(/results.jsonl is a symbolic link/);
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("mine");
  });
});
