import type { FunctionStatistics, StageGraph } from "@plimsoll/local";
import { type Severity, severities } from "@plimsoll/risk";
import { type CallEvent, callEvent, type MarginGap } from "@plimsoll/schema";
import { describe, expect, it, vi } from "vitest";
import { costOf, noUsage, scaleUsage } from "../../packages/cli/src/cost/cost-of.ts";
import { priceList } from "../../packages/cli/src/cost/price-list.ts";
import { openProgress } from "../../packages/cli/src/output/progress.ts";
import { type Paint, plainPaint, type Terminal } from "../../packages/cli/src/output/terminal.ts";
import { CallBuffer } from "../../packages/cli/src/start/call-buffer.ts";
import { callLines } from "../../packages/cli/src/start/call-lines.ts";
import { gapWords } from "../../packages/cli/src/start/gap-words.ts";
import { inShort } from "../../packages/cli/src/start/incomplete-text.ts";
import { panel } from "../../packages/cli/src/start/panel.ts";
import { plainRenderer } from "../../packages/cli/src/start/plain.ts";
import { advance, costView, initialState } from "../../packages/cli/src/start/progress-state.ts";
import { summarise } from "../../packages/cli/src/start/run-summary.ts";
import { openScreen } from "../../packages/cli/src/start/screen.ts";
import type { SessionEvent, SweepReport } from "../../packages/cli/src/start/session-events.ts";
import { summaryText } from "../../packages/cli/src/start/summary-text.ts";
import { WorkMeter } from "../../packages/cli/src/start/work-meter.ts";

function call(
  accountId: string,
  severity: Severity,
  change: "opened" | "escalated" | "eased" | "cured" = "opened",
): CallEvent {
  return callEvent.parse({
    schema_version: 1,
    event_id: `${accountId}-1`,
    event_type: `margin.call.${change}`,
    environment: "local",
    occurred_at: "2026-02-05T15:51:32Z",
    call_id: `MC-${accountId}-1`,
    sequence: 1,
    account_id: accountId,
    collateral_pool: "USD",
    severity,
    previous_severity: "NORMAL",
    reason_code: "early_warning",
    reason_text: "",
    currency: "USD",
    equity: "1",
    margin_balance: "1",
    initial_margin_balance: "1",
    initial_margin: "1",
    maintenance_margin: "1",
    available_funds: "0",
    margin_ratio: "1",
    margin_headroom: "0",
    amount_required: "0",
    restore_to: "none",
    worst_scenario: null,
    components: [],
    ladder: [],
    snapshot_id: "s",
    as_of: "2026-02-05T15:51:32Z",
    price_age_ms: 0,
    price_quality: "good",
    method_id: "portfolio",
    parameters_version: "p",
    engine_version: "e",
    ledger_sequence: 1,
    respond_by: null,
    title: `${severity} of ${accountId}`,
    text: `What happened to ${accountId}. `.repeat(8).trim(),
  });
}

const report: SweepReport = {
  snapshotId: "20260205T155132535Z-0123456789ab",
  parametersVersion: "default-1",
  asOfMs: Date.UTC(2026, 1, 5, 15, 51),
  completedAtMs: 10_000,
  shards: 8,
  shardsMissing: [],
  failures: [],
  accounts: 2_000,
  margined: 1_998,
  notMargined: new Map([["prices_blocked", 2]]),
  gaps: [],
  severities: new Map(severities.map((severity, index) => [severity, index * 100])),
  durationMs: 412.4,
  usage: { ...noUsage, writeUnits: 400, lambdaGbSeconds: 10 },
  timings: { reading_ms: 1, pricing_ms: 1, accumulating_ms: 1, writing_ms: 1, publishing_ms: 1 },
  peakRssBytes: 0,
  deadLetters: 3,
  accountsBehind: ["bo", "cy", "dave", "eve"],
  unpublished: 0,
  underlyings: [{ underlying: "BTC", index_price: "67983.74", quality: "widened" }],
  instruments: 1_798,
};

function gap(
  account_id: string,
  kind: MarginGap["kind"],
  code: MarginGap["code"],
  severity: Severity = "NORMAL",
): MarginGap {
  const reason = { code, field: "positions[0].instrument_id", value: "X", remedy: "mend it", holdings: 1 };
  return { account_id, pool_id: "cross", severity, kind, ...reason };
}

describe("calls on the screen", () => {
  const events = [
    call("a", "WARNING"),
    call("b", "LIQUIDATION", "escalated"),
    call("c", "NORMAL", "cured"),
    call("d", "MARGIN_CALL"),
    call("e", "LIQUIDATION"),
  ];

  it("come gravest first, and of the rest how many of each kind", () => {
    const lines = callLines(events, { most: 3, columns: 80, paint: plainPaint });
    expect(lines.filter((line) => line.includes("●")).map((line) => line.trim())).toEqual([
      "● LIQUIDATION of b",
      "● LIQUIDATION of e",
      "● MARGIN_CALL of d",
    ]);
    expect(lines.at(-1)?.trim()).toBe("… and 2 more: 1 opened, 1 cured");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it("wait for the end of their sweep", () => {
    const buffer = new CallBuffer();
    expect(buffer.take({ kind: "calls", events: events.slice(0, 2) })).toEqual([]);
    expect(buffer.take({ kind: "calls", events: events.slice(2) })).toEqual([]);
    expect(buffer.take({ kind: "swept", report })).toEqual(events);
    expect(buffer.take({ kind: "swept", report })).toEqual([]);
  });
});

describe("the live panel", () => {
  const posted: SessionEvent = {
    kind: "prices",
    prices: {
      asOfMs: report.asOfMs,
      cause: "shock",
      underlyings: [{ underlying: "BTC", indexPrice: "67983.74", multiple: 0.88, change: 0.88 }],
      instruments: 0,
      refused: 0,
    },
  };
  const ready: SessionEvent = {
    kind: "ready",
    apiUrl: "http://127.0.0.1:4100",
    environmentFile: ".plimsoll/stage.env",
    scheduleSeconds: 60,
  };
  const state = [
    posted,
    { kind: "calls", events: [call("a", "WARNING")] } as const,
    { kind: "swept", report } as const,
    ready,
  ].reduce(advance, initialState);

  it("sums up prices, accounts, sweep, severities, calls, cost and address", () => {
    const text = panel(state, { columns: 100, paint: plainPaint, nowMs: 14_000 });
    expect(text).toContain("BTC 67,983.74 −12.00 % widened");
    expect(text).toContain("2,000: 1,998 margined, 2 without figures (2 prices blocked)");
    expect(text).toContain("412 ms for 8 shards, 1,798 instruments; results 4 s old; 1 so far");
    expect(text).toContain("LIQUIDATION 400  BANKRUPT 500");
    expect(text).toContain("1 opened, 0 escalated, 0 eased, 0 cured; 3 dead letters");
    expect(text).toContain("Behind      4 accounts (bo, cy, dave, …) are behind: account_state asked for");
    expect(text).toContain("http://127.0.0.1:4100/reference");
    expect(text).toContain("source .plimsoll/stage.env");
    const cost = costView(report.usage, report.accounts, 60);
    expect(text).toContain(`$${cost.perMonthUsd.toFixed(2)} a month at one per 1 min`);
  });

  it("names who is not margined in full, and keeps who is NORMAL for want of knowledge out of NORMAL (I13)", () => {
    const gaps = [
      gap("bob", "not_margined", "ledger_unreadable"),
      gap("carol", "incomplete", "instrument_expired"),
      gap("dave", "noted", "collateral_not_accepted"),
      gap("erin", "incomplete", "prices_blocked", "LIQUIDATION"),
    ];
    const swept = advance(state, { kind: "swept", report: { ...report, gaps } });
    const text = panel(swept, { columns: 100, paint: plainPaint, nowMs: 14_000 });
    expect(text).toContain("UNKNOWN 2: bob (ledger unreadable), carol (instrument expired)");
    expect(text).toMatch(
      /Not in full +3: carol \(instrument expired\), dave \(collateral not accepted\), erin \(prices blocked\)/,
    );
    let plain = "";
    plainRenderer(
      (line) => {
        plain += line;
      },
      () => 60,
    )({ kind: "swept", report: { ...report, gaps } });
    expect(plain).toContain("UNKNOWN 2: bob (ledger unreadable), carol (instrument expired)");
    expect(plain).toContain("; not in full 3: carol (instrument expired), dave");
    const summary = summarise({
      stage: "local",
      source: "sample",
      scheduleSeconds: 60,
      report: { ...report, gaps },
      committed: [],
      received: [],
    });
    expect(summary.sweep).toMatchObject({ margined: 1_998, incomplete: 3, not_margined: 2, unknown: 2, gaps });
    expect(summaryText(summary, plainPaint)).toMatch(
      /Unknown +2: bob \(ledger unreadable\), carol \(instrument expired\)/,
    );
  });

  it("says only how many accounts there are where it has no names of them (seen to fail: 3: 3 more)", () => {
    expect(gapWords([], 3)).toBe("3");
    expect(gapWords([gap("bob", "incomplete", "instrument_expired")], 3)).toBe("3: bob (instrument expired), 2 more");
    expect(gapWords([])).toBe("");
  });

  it("shows a bar while sweeping", () => {
    const text = panel(advance(state, { kind: "sweeping", done: 4, total: 8 }), {
      columns: 100,
      paint: plainPaint,
      nowMs: 0,
    });
    expect(text).toContain(`sweeping ${"█".repeat(14)}${"░".repeat(14)} 4/8 shards`);
  });
});

describe("plain lines", () => {
  it("say each thing once, without cursor movements or colours", () => {
    let text = "";
    const show = plainRenderer(
      (line) => {
        text += line;
      },
      () => 60,
    );
    for (const done of [1, 2, 3]) show({ kind: "sweeping", done, total: 3 });
    show({ kind: "calls", events: [call("a", "WARNING")] });
    show({ kind: "swept", report });
    expect(text).not.toContain("\u001b");
    expect(text.match(/WARNING of a/g)).toHaveLength(1);
    expect(text).toContain("swept 2,000 accounts in 412 ms: WARNING 100, MARGIN_CALL 200");
    expect(text).toContain("2 without figures; 3 dead letters; 4 accounts (bo, cy, dave, …) are behind");
  });
});

describe("a sweep that is not whole", () => {
  const broken: SweepReport = {
    ...report,
    shardsMissing: [3, 5],
    failures: ["shard 3: its block cannot be\n  read", `queue ShardWork: ${"x".repeat(300)}`].map(inShort),
    unpublished: 4,
  };

  it("is told in plain lines with its shards, why, and the calls that wait", () => {
    const lines: string[] = [];
    plainRenderer(
      (line) => lines.push(line),
      () => 60,
    )({ kind: "swept", report: broken });
    expect(lines[0]).toBe(
      `sweep incomplete: 6 of 8 shards; shards 3, 5 have no new results: shard 3: its block cannot be read; queue ShardWork: ${"x".repeat(143)}…\n`,
    );
    expect(lines[1]).toContain("2 without figures; 4 calls not published yet; 3 dead letters");
  });

  it("is told on the panel", () => {
    const state = advance(initialState, { kind: "swept", report: broken });
    const text = panel(state, { columns: 300, paint: plainPaint, nowMs: 12_000 });
    expect(text).toContain("incomplete: 6 of 8 shards; shards 3, 5 have no new results: shard 3: ");
    expect(text).toContain("0 cured; 4 not published yet, 3 dead letters");
  });
});

describe("cost at list price", () => {
  it("is the usage times the list, by service and in sum", () => {
    const cost = costOf({
      ...noUsage,
      writeUnits: 1_000_000,
      readUnits: 2_000_000,
      lambdaGbSeconds: 1_000,
      logBytes: 1e9,
    });
    expect(cost.usd).toMatchObject({ writeUnits: 0.625, readUnits: 0.25, logBytes: 0.5 });
    expect(cost.usd.lambdaGbSeconds).toBeCloseTo(0.0133334, 12);
    expect(cost.totalUsd).toBeCloseTo(0.625 + 0.25 + 0.5 + 0.0133334, 12);
    expect(costOf(scaleUsage({ ...noUsage, snsPublishes: 10 }, 100_000)).totalUsd).toBeCloseTo(0.5, 12);
  });

  it("names source and day of every figure; the list is as old as its oldest", () => {
    const prices = Object.values(priceList.prices);
    expect(
      prices.every(
        ({ source, confirmedOn }) => source.startsWith("https://aws.amazon.com/") && confirmedOn >= priceList.date,
      ),
    ).toBe(true);
    expect(prices.map(({ confirmedOn }) => confirmedOn)).toContain(priceList.date);
  });
});

describe("the work meter", () => {
  const graph = {
    functions: [
      { logicalName: "ComputeShard", memoryMb: 2_048 },
      { logicalName: "StartSweepOnSchedule", memoryMb: 1_024 },
    ],
    queues: [{ arn: "arn:queue" }],
    eventSources: [{ functionName: "ComputeShard", sourceArn: "arn:queue" }],
    schedules: [{ functionName: "StartSweepOnSchedule" }],
  } as unknown as StageGraph;
  const statistics = (computed: number, milliseconds: number) =>
    ({
      ComputeShard: { invocations: computed, totalDurationMs: milliseconds, peakRssBytes: 7 },
      StartSweepOnSchedule: { invocations: 1, totalDurationMs: 100 },
    }) as unknown as Record<string, FunctionStatistics>;

  it("adds up units and phases of log lines, and time and calls of statistics, since last taken", () => {
    const meter = new WorkMeter(8);
    meter.addLine('{"message":"sweep requested","outcome":"started","read_units":5,"write_units":3}');
    meter.addLine(
      '{"message":"shard computed","read_units":10.5,"write_units":2,"milliseconds":{"reading":4,"writing":6}}',
    );
    meter.addLine('{"message":"calls published","published":30,"sns_requests":12,"milliseconds":{"publishing":9}}');
    meter.addLine("not JSON: a warning of a library");
    meter.addLine('{"_aws":{"CloudWatchMetrics":[]}}');
    const first = meter.take(statistics(8, 1_500), graph);
    expect(first.usage).toMatchObject({
      readUnits: 15.5,
      writeUnits: 5,
      snsPublishes: 12,
      lambdaRequests: 9,
      lambdaGbSeconds: 1.5 * 2 + 0.1,
      sqsRequests: 1 + 2 * 8,
      schedulerInvocations: 1,
    });
    expect(first.timings).toMatchObject({ reading_ms: 4, writing_ms: 6, publishing_ms: 9 });
    expect(first.peakRssBytes).toBe(7);
    expect(meter.take(statistics(9, 1_600), graph).usage).toMatchObject({
      readUnits: 0,
      lambdaRequests: 1,
      sqsRequests: 2,
      logBytes: 0,
    });
  });
});

describe("hostile words in a session", () => {
  const evil = "x\u001b[2J\nFORGED \u202e\u009b31m";
  const events: SessionEvent[] = [
    { kind: "step", text: evil },
    { kind: "note", text: evil },
    { kind: "done", text: evil },
    { kind: "ready", apiUrl: evil, environmentFile: ".plimsoll/stage.env", scheduleSeconds: 60 },
    { kind: "calls", events: [{ ...call("ada", "MARGIN_CALL"), title: evil, text: evil }] },
  ];

  // Seen to fail: notes, titles and addresses went to the terminal as they came.
  it("are shown and act on nothing, in plain lines and on the live screen with its own colours", () => {
    const written: string[] = [];
    const show = plainRenderer(
      (text) => written.push(text),
      () => 60,
    );
    for (const event of events) show(event);
    const stdout = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
      written.push(String(text));
      return true;
    });
    const paint: Paint = { ...plainPaint, green: (text) => `\u001b[32m${text}\u001b[39m` };
    const terminal: Terminal = { out: () => {}, err: () => {}, isTty: true, columns: 100, paint, directory: "." };
    const screen = openScreen(terminal);
    for (const event of events) screen.show(event);
    screen.close();
    stdout.mockRestore();
    const text = written.join("");
    expect(text).toContain("x\\u001b[2J\\nFORGED \\u202e\\u009b31m");
    expect(text).toContain("\u001b[32m✓\u001b[39m");
    expect(text.split("\n").filter((line) => line.startsWith("FORGED"))).toEqual([]);
    for (const sent of ["x\u001b[2J", "\u202e", "\u009b"]) expect(text).not.toContain(sent);
  });
});

describe("progress", () => {
  it("shows what is hostile in a file name", () => {
    const lines: string[] = [];
    const terminal: Terminal = {
      out: () => {},
      err: (text) => lines.push(text),
      isTty: false,
      columns: 100,
      paint: plainPaint,
      directory: ".",
    };
    openProgress(terminal).show(0.5, "reading a\u001b[2J\nb");
    expect(lines).toEqual(["50 %  reading a\\u001b[2J\\nb\n"]);
  });
});
