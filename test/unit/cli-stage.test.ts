import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Schemas } from "@plimsoll/client";
import { afterEach, describe, expect, it, vi } from "vitest";
import { accountText } from "../../packages/cli/src/account/account-text.ts";
import { callListText, historyText, scenariosText } from "../../packages/cli/src/account/account-views.ts";
import { plainPaint, type Terminal } from "../../packages/cli/src/output/terminal.ts";
import { readPages } from "../../packages/cli/src/stage/open-stage.ts";
import { whatIfRequest } from "../../packages/cli/src/whatif/what-if-request.ts";
import { whatIfText } from "../../packages/cli/src/whatif/what-if-text.ts";
import { runPlimsoll } from "../support/cli.ts";
import { root } from "../support/repository.ts";

const terminal: Terminal = {
  out: () => {},
  err: () => {},
  isTty: false,
  columns: 100,
  paint: plainPaint,
  directory: root,
};

afterEach(() => vi.unstubAllEnvs());

describe("the options of whatif", () => {
  it("become one request, with signs and units as the API has them", () => {
    const request = whatIfRequest(
      "ada",
      {
        pool: "iso",
        fill: ["BTC-PERPETUAL=-0.5", "BTC=USD-1=+2@61000.5"],
        transfer: ["USD=1000", "BTC=-0.1"],
        price: ["BTC=-12%", "ETH=+1.5 %", "SOL=61"],
        vol: ["BTC=+20%"],
        days: "0.5",
        method: "static",
        parametersVersion: "default-3",
      },
      terminal,
    );
    expect(request).toEqual({
      account_id: "ada",
      pool_id: "iso",
      method_id: "static",
      parameters_version: "default-3",
      changes: {
        fills: [
          { instrument_id: "BTC-PERPETUAL", quantity: "-0.5" },
          { instrument_id: "BTC=USD-1", quantity: "2", price: "61000.5" },
        ],
        transfers: [
          { asset: "USD", amount: "1000" },
          { asset: "BTC", amount: "-0.1" },
        ],
      },
      market: {
        prices: [
          { underlying: "BTC", move_pct: "-12" },
          { underlying: "ETH", move_pct: "1.5" },
          { underlying: "SOL", price: "61" },
        ],
        volatilities: [{ underlying: "BTC", move_pct: "20" }],
        days_forward: 0.5,
      },
    });
  });

  it("take a portfolio of a file instead of an account", () => {
    const portfolio = join(root, "packages/cli/examples/portfolio.json");
    const request = whatIfRequest(undefined, { portfolio }, terminal);
    expect(request).toMatchObject({ portfolio: { pool_currency: "USD", positions: expect.any(Array) } });
    expect(request).not.toHaveProperty("account_id");
    expect(request.portfolio).not.toHaveProperty("account_id");
  });

  it.each([
    [["--fill", "BTC"], "--fill BTC: write it as --fill BTC-PERPETUAL=-0.5 or"],
    [["--fill", "=1"], "--fill =1: write it"],
    [["--fill", "BTC=1@"], "--fill BTC=1@: write it"],
    [["--fill", "BTC=1e5"], "--fill BTC=1e5: write it"],
    [["--transfer", "USD=1,000"], "--transfer USD=1,000: write it as --transfer USD=1000"],
    [["--price", "BTC=12%%"], "--price BTC=12%%: write it as --price BTC=-12% or BTC=61000"],
    [["--vol", "BTC=20"], "--vol BTC=20: write it as --vol BTC=+20%"],
    [["--days", "tomorrow"], "--days tomorrow: write a number of days"],
    [["--portfolio", "p.json"], "name an account, or --portfolio <file>, and not both"],
  ])("say how they are written: %j", async (words, said) => {
    const { code, err } = await runPlimsoll(".", ["whatif", "ada", ...words]);
    expect(code).toBe(2);
    expect(err).toContain(said);
  });
});

describe("the stage of a command", () => {
  it("is named by an option or the environment", async () => {
    const { code, err } = await runPlimsoll(".", ["account", "ada"]);
    expect([code, err]).toEqual([2, expect.stringContaining("give --url or set PLIMSOLL_URL")]);
    vi.stubEnv("PLIMSOLL_URL", "no address");
    expect((await runPlimsoll(".", ["account", "ada"])).err).toContain(
      "--url no address: write the address of a stage",
    );
  });

  it.each([
    ["localhost:3000"],
    ["ftp://localhost"],
    ["http://localhost/v1/"],
    ["http://a:b@localhost"],
    ["http://x?y=1"],
  ])("has an address that can be one: not %s", async (url) => {
    const { code, err } = await runPlimsoll(".", ["account", "ada", "--url", url, "--token", "t"]);
    expect([code, err]).toEqual([2, expect.stringContaining(`--url ${url}: write the address of a stage`)]);
  });

  it("is said to be away in one line where nothing listens", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await new Promise((resolve) => server.close(resolve));
    const { code, err } = await runPlimsoll(".", ["account", "ada", "--url", url, "--token", "t"]);
    expect(code).toBe(1);
    expect(err).toBe(`plimsoll: ${url} does not answer (ECONNREFUSED): check --url, and that the stage runs\n`);
  });

  it("needs a region where the address names none and requests are signed", async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
    vi.stubEnv("AWS_REGION", undefined);
    vi.stubEnv("AWS_DEFAULT_REGION", undefined);
    const { err } = await runPlimsoll(".", ["account", "ada", "--url", "http://localhost:9999"]);
    expect(err).toContain("http://localhost:9999 names no region: set AWS_REGION");
  });

  it("is not asked with an empty token, as a failed command leaves it in a variable", async () => {
    vi.stubEnv("PLIMSOLL_TOKEN", "");
    const { code, err } = await runPlimsoll(".", ["account", "ada", "--url", "http://localhost:9999"]);
    expect([code, err]).toEqual([2, expect.stringContaining("'--token <token>' is given an empty name")]);
  });
});

describe("pages", () => {
  const readFrom = (all: number) => async (query: { limit: number; cursor?: string }) => {
    const from = Number(query.cursor ?? 0);
    const entries = Array.from({ length: Math.min(query.limit, all - from) }, (_, index) => from + index);
    return { entries, cursor: from + entries.length < all ? String(from + entries.length) : null };
  };

  it.each([
    [1_200, 2_000, 1_200, null],
    [1_200, 700, 700, "700"],
    [3, 3, 3, null],
    [0, 50, 0, null],
  ])("of %i entries are read up to %i, in order", async (all, most, read, cursor) => {
    const found = await readPages(most, readFrom(all));
    expect(found).toEqual({ entries: Array.from({ length: read }, (_, index) => index), cursor });
  });
});

const statement = {
  standing: "binding",
  snapshot_id: "20260205T120000000Z-4b8b02b30a04",
  as_of: "2026-02-05T12:00:00.000Z",
  result_age_ms: 65_000,
  parameters_version: "default-3",
  engine_version: "1",
} as const;

const refusal = {
  code: "prices_blocked",
  field: "BTC",
  value: "blocked",
  remedy: "wait for a price",
} as const;

const margin: Schemas["Margin"] = {
  snapshot_id: statement.snapshot_id,
  parameters_version: "default-3",
  method_id: "portfolio",
  method_version: "portfolio-4",
  pool_currency: "USD",
  ledger_sequence: 1,
  equity: "-1234.50",
  margin_balance: "-1234.50",
  initial_margin_balance: "-1234.50",
  initial_margin: "7000.00",
  maintenance_margin: "5600.00",
  available_funds: "-8234.50",
  margin_ratio: null,
  margin_headroom: "-6834.50",
  projected_initial_margin: "9000.00",
  not_projected: { code: "limit_exceeded", field: "open_orders", value: "many", remedy: "fewer" },
  components: [{ name: "scan_risk", underlying: "BTC", amount: "7000.00" }],
  units: [{ underlying: "BTC", quality: "good" }],
  incomplete: {
    holdings: 1,
    in_doubt: 1,
    reasons: [{ ...refusal, code: "instrument_not_in_snapshot", assumed: "counts_for_nothing", worth: "0.00" }],
  },
};

describe("an account as a person reads it", () => {
  const poolOf = (pool: Partial<Schemas["PoolMargin"]>): Schemas["PoolMargin"] => ({
    pool_id: "cross",
    status: "margined",
    severity: "NORMAL",
    sequence: 0,
    call_id: null,
    call_opened_at: null,
    price_quality: "degraded",
    ...pool,
  });
  const textOf = (pool: Partial<Schemas["PoolMargin"]>) =>
    accountText({ account_id: "ada", environment: "local", ...statement, pools: [poolOf(pool)] }, plainPaint);

  it("has every pool's figures, what is not in full, and what the orders would need", () => {
    const text = textOf({ margin });
    expect(text).toContain("1 min 5 s old");
    expect(text).toContain("Pool cross  UNKNOWN  by portfolio-4");
    expect(text).toMatch(/Prices +degraded/);
    expect(text).toContain("Not in full: instrument not in snapshot: BTC is blocked");
    expect(text).toContain("Open orders not counted: limit exceeded: open_orders is many. Remedy: fewer.");
    expect(text).toMatch(/Equity +−1,234.50 {2}USD/);
    expect(text).toMatch(/with open orders +9,000.00/);
    expect(text).toMatch(/Margin ratio +none/);
    expect(text).toMatch(/scan risk +BTC +7,000.00/);
  });

  it("says why a pool has no figures, and shows the last good ones", () => {
    const text = textOf({ status: "not_margined", severity: "WARNING", refusal, last_good: margin });
    expect(text).toContain("Pool cross  WARNING");
    expect(text).toContain("Not margined: prices blocked: BTC is blocked. Remedy: wait for a price.");
    expect(text).toContain(`The last good figures, on ${margin.snapshot_id}:`);
    expect(text).toMatch(/Margin headroom +−6,834.50/);
  });

  it("is told before and after a change, also where one side has no figures", () => {
    const answer: Schemas["WhatIf"] = {
      account_id: "ada",
      pool_id: "iso",
      method_id: "portfolio",
      method_version: "portfolio-4",
      pool_currency: "USD",
      ...statement,
      standing: "informative",
      before: { status: "margined", severity: "WARNING", settles_at: "WARNING", margin },
      after: { status: "not_margined", severity: "WARNING", settles_at: "WARNING", refusal },
    };
    const text = whatIfText(answer, plainPaint);
    expect(text).toContain("Account ada, pool iso  by portfolio-4");
    expect(text).toContain("computed for this answer");
    expect(text).toContain("Not margined after: prices blocked: BTC is blocked. Remedy: wait for a price.");
    expect(text).toMatch(/Initial margin +7,000.00/);
  });
});

describe("the views of an account", () => {
  it("have the history newest first, and say where older points are", () => {
    const point = { as_of: statement.as_of, snapshot_id: statement.snapshot_id, currency: "USD" };
    const figures = { margin_balance: "-1.50", initial_margin: "2.00", maintenance_margin: "1.00", margin_ratio: null };
    const points = [{ ...point, ...figures }];
    const text = historyText({ account_id: "ada", pool_id: "iso", points, next_cursor: "c" }, plainPaint);
    expect(text).toMatch(/Account ada, pool iso +margin balance/);
    expect(text).toMatch(/2026-02-05 12:00:00 UTC +−1.50 +2.00 +1.00 +none/);
    expect(text).toContain("in USD; points at which the ratio moved; older ones with --limit");
  });

  it("have what a call asks for while it is open, and how grave it was once it is cured", () => {
    const call: Schemas["CallSummary"] = {
      call_id: "MC-ada-1",
      account_id: "ada",
      pool_id: "cross",
      status: "open",
      severity: "MARGIN_CALL",
      worst_severity: "REDUCE_ONLY",
      opened_at: statement.as_of,
      changed_at: statement.as_of,
      last_sequence: 2,
      currency: "USD",
      amount_required: "1250.01",
      restore_to: "initial_margin",
      title: "Margin call",
    };
    const cured: Schemas["CallSummary"] = { ...call, call_id: "MC-ada-0", status: "cured", severity: "NORMAL" };
    const text = callListText({ calls: [call, cured], next_cursor: "c" }, "none", plainPaint);
    expect(text).toMatch(/MC-ada-1 +ada +MARGIN_CALL +2026-02-05 12:00:00 UTC +1,250.01 USD\n/);
    expect(text).toMatch(/MC-ada-0 +ada +cured, was REDUCE_ONLY +2026-02-05 12:00:00 UTC\n/);
    expect(text).toContain("there are more: give a higher --limit");
  });

  it("have the greatest losses first, and say how many are left out", () => {
    const losses = Array.from({ length: 23 }, (_, index) => ({
      scenario_id: `s${index}`,
      label: `move ${index}`,
      loss: String(index),
    }));
    const units = [{ underlying: "BTC", scenarios: losses }];
    const head = {
      pool_id: "cross",
      method_id: "portfolio",
      method_version: "portfolio-4",
      pool_currency: "USD",
    } as const;
    const text = scenariosText({ account_id: "ada", ...head, ...statement, units }, plainPaint);
    expect(text).toMatch(/Scenarios of BTC +loss, USD\n +move 22 +22\n +move 21 +21\n/);
    expect(text).toContain("3 more in --json");
    expect(scenariosText({ account_id: "ada", ...head, ...statement, units: [] }, plainPaint)).toContain(
      "The method scans no scenarios of what is held.",
    );
  });
});
