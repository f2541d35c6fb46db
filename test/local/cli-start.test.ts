import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { type CallEvent, callEvent, runSummary } from "@plimsoll/schema";
import { afterAll, describe, expect, it } from "vitest";
import { replaySummary } from "../../packages/cli/src/start/run-replay.ts";
import { fixturePath } from "../support/fixtures.ts";

const bin = join(import.meta.dirname, "../../packages/cli/bin/plimsoll.js");
/** Starts of the stage on a busy machine of two cores; what they say is asserted, never how long they took. */
const patienceMs = 400_000;

function start(words: readonly string[], directory: string): ChildProcess {
  return spawn(process.execPath, [bin, "start", ...words], { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
}

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function ended(child: ChildProcess): Promise<Run> {
  let out = "";
  let err = "";
  child.stdout?.setEncoding("utf8").on("data", (text) => {
    out += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    err += text;
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err })));
}

function run(words: readonly string[], directory: string): Promise<Run> {
  return ended(start(words, directory));
}

const root = mkdtempSync(join(tmpdir(), "plimsoll-start-"));
afterAll(() => rmSync(root, { recursive: true }));

function folder(): string {
  return mkdtempSync(join(root, "run-"));
}

function digestOf(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

function eventsIn(directory: string): CallEvent[] {
  const lines = readFileSync(join(directory, "events.jsonl"), "utf8").split("\n").slice(0, -1);
  return lines.map((line) => callEvent.parse(JSON.parse(line)));
}

describe("plimsoll start --once --json", () => {
  it(
    "starts on a market without coin-settled instruments, and says which stablecoin it takes at par",
    async () => {
      const market = fixturePath("cases/usdc-only/book.json");
      const { code, out, err } = await run(["--once", "--json", "--accounts", "20", "--market", market], folder());
      expect(code).toBe(0);
      expect(err).toContain("USDC is taken at par");
      const summary = runSummary.parse(JSON.parse(out));
      expect(summary.sweep).toMatchObject({ accounts: 20, margined: 20, incomplete: 0, not_margined: 0 });
      const usdc = { underlying: "USDC", index_price: "1", quality: "widened", at_par: "USDC" };
      expect(summary.market.underlyings).toContainEqual(usdc);
    },
    patienceMs,
  );

  it(
    "does one sweep, prints one object of its contract and nothing else, and leaves the same bytes twice",
    async () => {
      const directory = folder();
      const words = ["--once", "--json", "--accounts", "80", "--shock", "BTC=-12%", "--data", "state"];
      const first = await run([...words, "--out", "one"], directory);
      expect(first.err).not.toContain("plimsoll:");
      expect(first.code).toBe(0);
      expect(first.out.trimEnd().split("\n")).toHaveLength(1);
      const summary = runSummary.parse(JSON.parse(first.out));
      expect(summary.sweep).toMatchObject({ accounts: 80, margined: 80, not_margined: 0 });
      expect(summary.severities.reduce((sum, { accounts }) => sum + accounts, 0)).toBe(80);
      expect(summary.calls.events).toBeGreaterThan(0);
      expect(summary.calls).toMatchObject({ published: summary.calls.events, open: summary.calls.events });
      expect(summary.aws_cost.per_sweep_usd).toBeGreaterThan(0);
      expect(digestOf(join(directory, "one", "events.jsonl"))).toBe(summary.events_digest);

      const fresh = await run([...words.slice(0, -2), "--out", "two"], directory);
      expect(fresh.code).toBe(0);
      for (const file of ["events.jsonl", "results.jsonl"]) {
        expect(digestOf(join(directory, "two", file))).toBe(digestOf(join(directory, "one", file)));
      }

      const again = await run([...words, "--out", "three"], directory);
      expect(again.code).toBe(0);
      expect(runSummary.parse(JSON.parse(again.out)).events_digest).toBe(summary.events_digest);
    },
    patienceMs,
  );
});

describe("plimsoll start", () => {
  it(
    "shows calls after the shock and stops cleanly within three seconds of Ctrl-C",
    async () => {
      const child = start(["--accounts", "60", "--seed", "3"], folder());
      let signalledMs = 0;
      let text = "";
      child.stdout?.on("data", (chunk) => {
        text += chunk;
        const swept = text.match(/^swept 60 accounts/gm)?.length ?? 0;
        if (swept >= 2 && signalledMs === 0) {
          signalledMs = performance.now();
          child.kill("SIGINT");
        }
      });
      const { code, out, err } = await ended(child);
      const stoppingMs = performance.now() - signalledMs;
      expect(err).toBe("");
      expect(code).toBe(0);
      expect(signalledMs).toBeGreaterThan(0);
      expect(stoppingMs).toBeLessThan(3_000);
      expect(out).toMatch(/shock: BTC [\d,.]+/);
      expect(out).toMatch(/● \[local\] (Liquidation|Reduce only|Margin call|Early warning)/);
      expect(out).not.toContain("\u001b");
    },
    patienceMs,
  );
});

describe("plimsoll start --replay", () => {
  const recordings = ["20260205T042952Z", "20260205T155132Z", "20260205T212937Z", "20260206T093516Z"];

  /** Two expiries that pass during the recordings and two that do not: a whole chain has twelve, and shows nothing more. */
  const played = /^snapshot_time|,(?:BTC|ETH)-(?:5FEB26|6FEB26|27FEB26|27MAR26)-/;

  function recorded(directory: string): string {
    const path = join(directory, "options");
    mkdirSync(path);
    for (const time of [...recordings, "20260116T153325Z"]) {
      const name = `deribit_chain_${time}.csv.gz`;
      const lines = gunzipSync(readFileSync(fixturePath(`data/options/${name}`)))
        .toString("utf8")
        .split("\n");
      writeFileSync(join(path, name), gzipSync(lines.filter((line) => played.test(line)).join("\n")));
    }
    return path;
  }

  it(
    "margins every account at every snapshot, tells each change once and in order, and leaves the same bytes twice",
    async () => {
      const directory = folder();
      const words = ["--replay", recorded(directory), "--accounts", "40", "--json"];
      const first = await run([...words, "--out", "one"], directory);
      expect(first.err).toContain(
        "deribit_chain_20260116T153325Z.csv.gz, recorded on 2026-01-16, more than a week before",
      );
      expect(first.err).toMatch(/\d+ accounts had positions settled that expired/);
      expect(first.code).toBe(0);
      const summary = replaySummary.parse(JSON.parse(first.out));
      expect(summary.snapshots.map(({ sweep }) => ({ margined: sweep.margined, not: sweep.not_margined }))).toEqual(
        recordings.map(() => ({ margined: 40, not: 0 })),
      );
      const events = eventsIn(join(directory, "one"));
      expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(events.length);
      expect(summary.total.calls).toMatchObject({ events: events.length, published: events.length });
      for (const ofAccount of Map.groupBy(events, ({ account_id }) => account_id).values()) {
        expect(ofAccount.map(({ sequence }) => sequence)).toEqual(ofAccount.map((_, index) => index + 1));
        const before = ["NORMAL", ...ofAccount.map(({ severity }) => severity)].slice(0, -1);
        expect(ofAccount.map(({ previous_severity }) => previous_severity)).toEqual(before);
      }

      const second = await run([...words, "--out", "two"], directory);
      expect(second.code).toBe(0);
      for (const file of ["events.jsonl", "results.jsonl"]) {
        expect(digestOf(join(directory, "two", file))).toBe(digestOf(join(directory, "one", file)));
      }
    },
    patienceMs,
  );
});
