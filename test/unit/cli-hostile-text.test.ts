import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandRun, runPlimsoll } from "../support/cli.ts";
import { perpetualMarket } from "../support/perpetual-market.ts";

/** Clears the screen, begins a line of its own, sets the title of the window, writes backwards, hides, rings, and returns. */
const evil = "x\u001b[2J\nFORGED \u001b]0;t\u0007\u009b31m\u202egnp\u2066\u200b\u007f\rFORGED";

const root = mkdtempSync(join(tmpdir(), "plimsoll-hostile-"));
afterAll(() => rmSync(root, { recursive: true }));

const folder = join(root, evil);

function fileOf(name: string, value: unknown): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value));
  return path;
}

/** A folder with one case whose every word is hostile. */
function hostileCase(): string {
  const words = {
    name: evil,
    source: evil,
    inputs: { [evil]: 1 },
    params: {},
    expected: { [evil]: 1 },
    tolerance: evil,
  };
  fileOf("case.json", words);
  return folder;
}

const market = () => fileOf("market.json", { ...perpetualMarket, source: "venue" });
const portfolio = (instrument_id = "BTC-PERPETUAL") =>
  fileOf("portfolio.json", {
    collateral: [{ asset: "USD", amount: "100000" }],
    positions: [{ instrument_id, quantity: "1", entry_price: "70000" }],
  });
const candles = ["open_time_utc,open,high,low,close", "2026-01-01T00:00:00Z,1,2,1,2", `${evil.split("\n")[0]},1,1,1,1`];

/** A command, typed over files whose names or contents are hostile. */
const commands: readonly (readonly [string, () => readonly string[]])[] = [
  ["margin", () => ["margin", portfolio(), "-m", market()]],
  ["margin as JSON", () => ["margin", portfolio(), "-m", market(), "--json"]],
  ["margin of what is not there", () => ["margin", join(folder, evil), "-m", "sample"]],
  ["margin of a hostile instrument", () => ["margin", portfolio(evil), "-m", market()]],
  ["margin of a hostile member", () => ["margin", fileOf("p.json", { [evil]: evil, positions: evil }), "-m", "sample"]],
  [
    "margin by hostile parameters",
    () => ["margin", portfolio(), "-m", market(), "--parameters", fileOf("set.json", { [evil]: evil })],
  ],
  [
    "margin by parameters that are no JSON",
    () => ["margin", portfolio(), "-m", market(), "--parameters", fileOf("set.json", `{${evil}`)],
  ],
  ["compare", () => ["compare", portfolio(), "-m", market()]],
  ["stress", () => ["stress", portfolio(), "-m", market()]],
  ["explain", () => ["explain", portfolio(), "-m", market()]],
  [
    "explain against what is none",
    () => ["explain", portfolio(), "-m", market(), "--against", fileOf("e.json", { [evil]: 1 })],
  ],
  ["import", () => ["import", market()]],
  ["import of a hostile source", () => ["import", fileOf("m.json", { ...perpetualMarket, source: evil })]],
  ["import of rows that are refused", () => ["import", fileOf("c.csv", `instrument_name,mark_price\n"${evil}",1\n`)]],
  ["import from a hostile coin", () => ["import", `deribit:${evil}`]],
  ["scenarios", () => ["scenarios", `BTC=${fileOf("btc.csv", candles.join("\n"))}`, "--set-id", evil]],
  ["backtest", () => ["backtest", "--prices", fileOf(`${evil}.csv`, candles.join("\n"))]],
  ["vectors", () => ["vectors", hostileCase()]],
  [
    "span margin",
    () => [
      "span",
      "margin",
      fileOf("a.spn", `<spanFile><x>${evil}</x>`),
      fileOf("s.json", { positions: [{ contract_id: evil, quantity: 1 }] }),
    ],
  ],
  [
    "span margin of hostile positions",
    () => ["span", "margin", fileOf("a.spn", "<x/>"), fileOf("s.json", { [evil]: 1 })],
  ],
  ["span write", () => ["span", "write", join(folder, "none", evil, "x.spn"), "-m", market()]],
  ["parameters diff", () => ["parameters", "diff", evil, evil]],
  ["parameters propose", () => ["parameters", "propose", "--prices", `BTC=${fileOf("b.csv", candles.join("\n"))}`]],
  ["parameters limits", () => ["parameters", "limits", fileOf("l.json", { [evil]: 1 }), "--table", evil]],
  ["parameters show", () => ["parameters", "show", evil, "--table", evil]],
  ["gaps", () => ["gaps", "--table", evil]],
  ["accounts behind", () => ["accounts", "behind", "--table", evil]],
  ["accounts discard", () => ["accounts", "discard", evil, "--table", evil]],
  ["calls list", () => ["calls", "list", "--table", evil]],
  ["calls dismiss", () => ["calls", "dismiss", evil, "--table", evil]],
  ["start on a hostile market", () => ["start", "--once", "--market", join(folder, evil)]],
  ["an unknown command", () => [evil]],
  ["an unknown option", () => ["margin", `--${evil}`]],
  ["a wrong choice", () => ["margin", "x", "-m", "sample", "--method", evil]],
];

function expectHarmless({ code, out, err }: CommandRun): void {
  const text = `${out}${err}`;
  expect(text.length).toBeGreaterThan(0);
  expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  expect(text.split("\n").filter((one) => one.startsWith("FORGED"))).toEqual([]);
  // Not a trace: those are for mistakes of ours.
  expect(err).not.toMatch(/^\s+at /m);
  expect([0, 1, 2]).toContain(code);
}

describe("text from files, names and the network", () => {
  let service: Server;
  const before = { ...process.env };

  // A service whose every answer is an error with a hostile message.
  beforeAll(async () => {
    service = createServer((_, response) => {
      response.writeHead(400, { "content-type": "application/x-amz-json-1.0" });
      response.end(JSON.stringify({ __type: "com.amazonaws.dynamodb.v20120810#ValidationException", message: evil }));
    });
    await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
    const { port } = service.address() as AddressInfo;
    const settings = { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "x" };
    Object.assign(process.env, settings, { AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${port}` });
  });
  afterAll(async () => {
    process.env = before;
    await new Promise((resolve) => service.close(resolve));
  });

  it.each(commands)("acts on no terminal: %s", async (_, words) => {
    expectHarmless(await runPlimsoll(root, words()));
  });
});
