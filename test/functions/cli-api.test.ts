import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type ApiStage, startApiStage, traderToken } from "../support/api-server.ts";
import { runPlimsoll } from "../support/cli.ts";

let api: ApiStage;
beforeAll(async () => {
  api = await startApiStage();
});
afterAll(() => api.stop());
beforeEach(() => {
  vi.stubEnv("PLIMSOLL_URL", api.url);
  vi.stubEnv("PLIMSOLL_TOKEN", "viewer");
  return () => vi.unstubAllEnvs();
});

const plimsoll = (line: string) => runPlimsoll(".", line.split(" "));

async function outOf(line: string): Promise<string> {
  const { code, out, err } = await plimsoll(line);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return out;
}

/** What the route answers, as it is. */
async function answerOf(path: string): Promise<unknown> {
  const answer = await fetch(`${api.url}${path}`, { headers: { authorization: "Bearer viewer" } });
  return answer.json();
}

describe("plimsoll account", () => {
  it("prints the margin of every pool, with its call and how old it is", async () => {
    const out = await outOf("account short");
    expect(out).toContain("Account short  on local");
    expect(out).toContain("2026-02-05 12:00:00 UTC, 5 s old");
    expect(out).toContain("Pool cross  WARNING  by portfolio-");
    expect(out).toContain("MC-short-1, open since 2026-02-05 12:00:00 UTC");
    expect(out).toMatch(/Equity +7,500.00 {2}USD/);
    expect(out).toMatch(/Margin headroom +1,900.00/);
    expect(out).toMatch(/scan risk +BTC +7,000.00/);
    expect(out).toContain("Worst case of BTC: BTC +10 %, vol up, a loss of 7,000.00 USD");
  });

  it.each([
    ["", "/margin"],
    ["--scenarios", "/scenarios"],
    ["--ladder", "/ladder"],
    ["--cures", "/cures?restore=NORMAL"],
    ["--positions", "/positions"],
    ["--explain", "/explain?restore=NORMAL"],
    ["--history", "/history"],
    ["--calls", "/calls"],
  ])("prints with --json what the route answers: %s", async (option, path) => {
    const out = await outOf(`account short ${option} --json`.replace("  ", " "));
    expect(JSON.parse(out)).toEqual(await answerOf(`/v1/accounts/short${path}`));
  });

  it.each([
    ["scenarios", /BTC \+10 %, vol up +7,000.00/],
    ["ladder", /BTC +up +MARGIN_CALL +70,454.54 +\+0.64 %/],
    ["cures", /a deposit +1,250.01 USD/],
    ["positions", /BTC_USD-PERPETUAL +−1 +70,000 +70,000 +−1 +0 +7,000.00/],
    ["explain", /Early warning ◀ +7,000.00 initial/],
    ["history", /no history yet/],
    ["calls", /MC-short-1 +short +WARNING/],
  ])("prints for a person: --%s", async (view, expected) => {
    expect(await outOf(`account short --${view}`)).toMatch(expected);
  });

  it("says what there is nothing of", async () => {
    expect(await outOf("account safe --calls")).toBe("  account safe has never been called\n");
    expect(await outOf("account safe --cures")).toContain("There is nothing to restore.");
    expect(await outOf("account safe --positions")).toContain("No positions.");
  });
});

describe("the lists", () => {
  it("have the pools by risk, and the stage in a line", async () => {
    const out = await outOf("accounts");
    expect(out).toMatch(/short +WARNING +portfolio +7,500.00[\s\S]*\n {2}safe +NORMAL/);
    expect(out).toContain(
      "2 accounts in 2 pools · NORMAL 1, WARNING 1 · 1 open call · swept 5 s ago · prices: BTC good",
    );
  });

  it("are filtered and follow the cursor", async () => {
    const named = async (line: string) =>
      JSON.parse(await outOf(line)).pools.map(({ account_id }: { account_id: string }) => account_id);
    expect(await named("accounts --order account --json")).toEqual(["safe", "short"]);
    expect(await named("accounts --severity WARNING --method portfolio --underlying BTC --json")).toEqual(["short"]);
    expect(await named("accounts --method static --json")).toEqual([]);
    expect(await named("accounts list --limit 1 --json")).toEqual(["short"]);
    expect(await outOf("accounts --limit 1")).toContain("there are more: give a higher --limit");
    expect(await outOf("accounts --severity BANKRUPT")).toContain("no pool is like that");
  });

  it("have the open calls, and one call with its events", async () => {
    expect(await outOf("calls")).toMatch(/MC-short-1 +short +WARNING +2026-02-05 12:00:00 UTC\n/);
    expect(JSON.parse(await outOf("calls --json"))).toEqual(await answerOf("/v1/calls"));
    const out = await outOf("calls show MC-short-1");
    expect(out).toContain("Call MC-short-1  account short  WARNING");
    expect(out).toContain("short/1  2026-02-05 12:00:00 UTC  opened  WARNING");
    expect(out).toContain("The margin balance of 7,500.00 USD is 500.00 above the initial margin");
    expect(JSON.parse(await outOf("calls show MC-short-1 --json"))).toEqual(await answerOf("/v1/calls/MC-short-1"));
  });
});

describe("plimsoll whatif", () => {
  it("prints before, after and the difference, part by part, with the call prices", async () => {
    const out = await outOf("whatif short --fill BTC_USD-PERPETUAL=0.5@69000 --transfer USD=100");
    expect(out).toContain("WARNING before, WARNING after, and NORMAL once the next sweeps confirm it");
    expect(out).toMatch(/Equity +7,500.00 +8,100.00 +\+600.00 {2}USD/);
    expect(out).toMatch(/Initial margin +7,000.00 +3,500.00 +−3,500.00/);
    expect(out).toMatch(/scan risk +BTC +7,000.00 +3,500.00 +−3,500.00/);
    expect(out).toMatch(/BTC +up +MARGIN_CALL +70,454.54 +78,363.63 +\+11.94 %/);
  });

  it("moves the market, the time, the method and the parameters", async () => {
    const { after, parameters_version } = JSON.parse(
      await outOf("whatif short --price BTC=61600 --vol BTC=+20% --days 1 --method static --json"),
    );
    expect(after.margin).toMatchObject({ equity: "15900.00", method_id: "static", initial_margin: "12320.00" });
    const same = JSON.parse(await outOf(`whatif short --parameters-version ${parameters_version} --json`));
    expect(same.difference.initial_margin).toBe("0.00");
  });

  it("shows the call prices once where the change leaves them", async () => {
    const out = await outOf("whatif short --days 1");
    expect(out).toMatch(/Call prices +move +starts +at index +away\n/);
    expect(out).toMatch(/Initial margin +7,000.00 +7,000.00 +0 {2}USD/);
  });
});

describe("plimsoll token", () => {
  it("prints the token alone, which the next command is asked with", async () => {
    vi.stubEnv("PLIMSOLL_TOKEN", "backend");
    expect(await outOf("token short --seconds 60")).toBe(`${traderToken("short")}\n`);
    expect(JSON.parse(await outOf("token short --json"))).toMatchObject({
      token: traderToken("short"),
      account_id: "short",
      expires_at: "2026-02-05T12:15:05.000Z",
    });
    vi.stubEnv("PLIMSOLL_TOKEN", traderToken("short"));
    expect(await outOf("account short")).toContain("Account short");
  });
});

describe("a request without a token", () => {
  it("is signed with the keys of the environment", async () => {
    vi.stubEnv("PLIMSOLL_TOKEN", undefined);
    vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
    vi.stubEnv("AWS_REGION", "eu-west-1");
    expect(await outOf("token short")).toBe(`${traderToken("short")}\n`);
  });

  it("is nobody's without keys in the environment where the stage is on this machine, and says what to give", async () => {
    vi.stubEnv("PLIMSOLL_TOKEN", undefined);
    vi.stubEnv("AWS_ACCESS_KEY_ID", undefined);
    const profiles = join(mkdtempSync(join(tmpdir(), "plimsoll-profiles-")), "credentials");
    writeFileSync(profiles, "[default]\naws_access_key_id = mine\naws_secret_access_key = mine\n");
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", profiles);
    const { code, err } = await plimsoll("account short");
    rmSync(dirname(profiles), { recursive: true });
    expect([code, err]).toEqual([1, expect.stringMatching(/answers only a caller who says .*: give --token .*end\n$/)]);
  });

  it("is nobody's where the keys cannot be read, and says why", async () => {
    vi.stubEnv("PLIMSOLL_TOKEN", undefined);
    vi.stubEnv("AWS_ACCESS_KEY_ID", "half of a pair");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", undefined);
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
    const { code, err } = await plimsoll("account short");
    expect([code, err]).toEqual([1, expect.stringContaining("(keys of AWS: Could not load credentials")]);
  });
});

describe("a mistake", () => {
  it.each([
    ["account nobody", "viewer", 1, "has no account nobody for this caller: check the name"],
    ["account short", traderToken("safe"), 1, "has no account short for this caller: check the name"],
    ["account short --pool iso", "viewer", 2, "account short has no pool iso: it has cross"],
    ["account short --pool iso --ladder", "viewer", 1, "has no account short, pool iso for this caller"],
    ["account short", "expired", 1, "does not take this token (Unauthorized): it may have expired"],
    ["accounts", traderToken("short"), 1, "the list of accounts is not for this caller: This route is for backend"],
    ["token ada", "viewer", 1, "a token for account ada is not for this caller"],
    ["calls show MC-x-1", "viewer", 1, "has no call MC-x-1 for this caller"],
    ["whatif short --fill X=1", "viewer", 2, "account short: changes.fills[0].instrument_id is X"],
    ["whatif short --price BTC=-100%", "viewer", 2, "market.prices[0].move_pct is -100: a move of more than -100 %"],
    ["account short --ladder --cures", "viewer", 2, "'--ladder' cannot be used with option '--cures'"],
    ["accounts --order size", "viewer", 2, "Allowed choices are ratio, headroom, account"],
  ])("is told with its remedy: %s, as %s", async (line, token, exitCode, said) => {
    vi.stubEnv("PLIMSOLL_TOKEN", token);
    const { code, out, err } = await plimsoll(line);
    expect({ code, out, err }).toEqual({ code: exitCode, out: "", err: expect.stringContaining(said) });
  });

  it("is told where the address is not that of a stage", async () => {
    const { code, err } = await plimsoll(`account short --url ${api.url}/elsewhere`);
    expect([code, err]).toEqual([1, expect.stringContaining("does not answer as a stage does (status 404)")]);
  });
});
