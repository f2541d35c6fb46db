import {
  arrangeHistory,
  checkActivation,
  type DailyBar,
  type DynamicsPolicy,
  dayNumber,
  defaultDynamicsPolicy,
  defaultParameters,
  ewmaVolatility,
  followNumber,
  garmanKlassVolatility,
  longRunVolatility,
  measureResponsiveness,
  type NumberMove,
  parkinsonVolatility,
  proposeParameters,
  withBuffer,
} from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import { seeded } from "../support/seeded.ts";

const startMs = Date.UTC(2025, 0, 1);

function dateAfter(days: number): string {
  return new Date(startMs + days * 86_400_000).toISOString().slice(0, 10);
}

function bar(day: number, close: number, open = close): DailyBar {
  return { date: dateAfter(day), open, high: Math.max(open, close), low: Math.min(open, close), close };
}

/** Closes that go up and down by a share, day after day. */
function swinging(days: number, share: number): DailyBar[] {
  return Array.from({ length: days }, (_, day) => {
    const [open, close] = day % 2 === 0 ? [100, 100 * (1 + share)] : [100 * (1 + share), 100];
    return bar(day, close, open);
  });
}

/** Days of a random walk of many small steps, seen at each of them: a Brownian motion to the estimators. */
function brownian(days: number, dailyVolatility: number, steps: number): DailyBar[] {
  const random = seeded(11);
  const step = dailyVolatility / Math.sqrt(steps);
  let logPrice = 0;
  return Array.from({ length: days }, (_, day) => {
    const open = logPrice;
    let [high, low] = [open, open];
    for (let at = 0; at < steps; at += 1) {
      logPrice += random() < 0.5 ? step : -step;
      high = Math.max(high, logPrice);
      low = Math.min(low, logPrice);
    }
    const price = (value: number) => 100 * Math.exp(value);
    return { date: dateAfter(day), open: price(open), high: price(high), low: price(low), close: price(logPrice) };
  });
}

describe("volatility estimators", () => {
  it("give the figures of their formulas on one bar", () => {
    const one = [{ date: dateAfter(0), open: 100, high: 110, low: 95, close: 105 }];
    const range = Math.log(110 / 95);
    const move = Math.log(105 / 100);
    expect(parkinsonVolatility(one)).toBeCloseTo(range / (2 * Math.sqrt(Math.LN2)), 14);
    expect(garmanKlassVolatility(one)).toBeCloseTo(Math.sqrt(range ** 2 / 2 - (2 * Math.LN2 - 1) * move ** 2), 14);
    expect(longRunVolatility([0.03, -0.04])).toBeCloseTo(Math.sqrt((0.0009 + 0.0016) / 2), 15);
  });

  it("find the volatility of a random walk: closes within 5 %, ranges a little below, as steps hide extremes", () => {
    const bars = brownian(2_000, 0.04, 400);
    const { returns } = arrangeHistory(bars);
    expect(longRunVolatility(returns) / 0.04).toBeGreaterThan(0.95);
    expect(longRunVolatility(returns) / 0.04).toBeLessThan(1.05);
    for (const estimate of [parkinsonVolatility(bars), garmanKlassVolatility(bars)]) {
      expect(estimate / 0.04).toBeGreaterThan(0.93);
      expect(estimate / 0.04).toBeLessThan(1.01);
    }
  });

  // docs/sources.md, Volatility by exponential weights.
  it("weigh yesterday most: the recursion from the mean square of the first thirty", () => {
    const returns = [...new Array<number>(30).fill(0.02), 0.1];
    expect(ewmaVolatility(returns, 0.94)).toBeCloseTo(Math.sqrt(0.94 * 0.0004 + 0.06 * 0.01), 14);
    expect(ewmaVolatility([], 0.94)).toBeNaN();
  });
});

describe("a price history", () => {
  it("counts days as calendars do, and takes nothing else for a date", () => {
    for (let day = -1_000; day < 30_000; day += 7) {
      expect(dayNumber(new Date(day * 86_400_000).toISOString().slice(0, 10))).toBe(day);
    }
    expect(dayNumber("2024-02-29")).toBe(Date.UTC(2024, 1, 29) / 86_400_000);
    for (const text of ["2025-02-29", "2025-13-01", "2025-00-10", "2025-04-31", "2025-4-3", "2025/04/03", "", "x"]) {
      expect([text, dayNumber(text)]).toEqual([text, Number.NaN]);
    }
  });

  it("names the bars that it leaves out, and why", () => {
    const { bars, refused } = arrangeHistory([
      bar(0, 100),
      bar(1, 101),
      { ...bar(1, 999), close: 999 },
      { ...bar(2, 100), date: "5 Feb 2026" },
      { ...bar(3, 100), low: 0 },
      { ...bar(4, 100), close: Number.NaN },
      { ...bar(5, 100), high: 90, low: 95 },
    ]);
    expect(bars.map(({ close }) => close)).toEqual([100, 101]);
    expect(refused.map(({ reason }) => reason)).toEqual([
      "same_date_again",
      "not_a_date",
      "price_not_positive",
      "price_not_positive",
      "high_below_low",
    ]);
  });

  it("takes a jump that is back the next day for a misprint, and one that stays for a price", () => {
    const misprint = arrangeHistory([bar(0, 100), bar(1, 235), bar(2, 101)]);
    expect(misprint.refused).toEqual([{ date: dateAfter(1), reason: "misprint" }]);
    const crash = arrangeHistory([bar(0, 100), bar(1, 55), bar(2, 57)]);
    expect(crash.refused).toEqual([]);
    expect(crash.returns[0]).toBeCloseTo(Math.log(0.55), 14);
    // The last day may be the first of a crash: it counts.
    expect(arrangeHistory([bar(0, 100), bar(1, 55)]).refused).toEqual([]);
  });

  it("counts the days of a gap and spreads the move over them", () => {
    const { missingDays, returns } = arrangeHistory([bar(0, 100), bar(4, 121), bar(5, 121)]);
    expect(missingDays).toBe(3);
    expect(returns[0]).toBeCloseTo(Math.log(1.21) / 2, 14);
    expect(returns[1]).toBe(0);
  });
});

const policy: DynamicsPolicy = { ...defaultDynamicsPolicy, buffer: null, stressedWeight: null, longRunFloor: false };
const rule = { tailMultiplier: 3, horizonDays: 1, stressed: 0.5, floor: 0.05, cap: 0.4 };
const view = { estimates: [{ estimator: "ewma", volatility: 0.05 }], longRun: 0.04, incomplete: null } as const;
const now = { subject: "BTC", field: "price_scan_range", value: 0.16, dayAgo: 0.16 } as const;
/** exp(3 x 0.05) - 1, rounded up to a hundredth of a percent. */
const followed = 0.1619;

describe("a number that follows volatility", () => {
  it("takes the greatest estimate, never one of zero or none", () => {
    const estimates = [
      { estimator: "ewma", volatility: Number.NaN },
      { estimator: "parkinson", volatility: 0 },
      { estimator: "implied", volatility: 0.05 },
      { estimator: "garman_klass", volatility: 0.03 },
    ] as const;
    const move = followNumber({ ...now, value: 0.15, dayAgo: 0.15 }, rule, { ...view, estimates }, policy);
    expect(move).toMatchObject({ from: 0.15, to: followed, target: followed, reason: "followed" });
    expect(move.estimates.map(({ estimator }) => estimator)).toEqual(["implied", "garman_klass"]);
  });

  it.each([
    ["within the tolerance", { ...now, value: 0.1605 }, view, { to: 0.1605, reason: "within_tolerance" }],
    ["up by half at most", { ...now, value: 0.1, dayAgo: 0.1 }, view, { to: 0.15, reason: "increase_limit" }],
    ["down by 2 % a day", { ...now, value: 0.3, dayAgo: 0.3 }, view, { to: 0.294, reason: "decrease_limit" }],
    ["no further within the day", { ...now, value: 0.294, dayAgo: 0.3 }, view, { to: 0.294, reason: "decrease_limit" }],
    [
      "not down within a day of a rise",
      { ...now, value: 0.3, dayAgo: 0.2 },
      view,
      { to: 0.3, reason: "decrease_limit" },
    ],
    [
      "not down on less data",
      { ...now, value: 0.3, dayAgo: 0.3 },
      { ...view, incomplete: "no implied volatility" },
      { to: 0.3, reason: "incomplete_data", note: "no implied volatility" },
    ],
    ["up on less data", { ...now, value: 0.12, dayAgo: 0.12 }, { ...view, incomplete: "no implied" }, { to: followed }],
    ["without any estimate", now, { ...view, estimates: [] }, { to: 0.16, target: null, reason: "no_estimate" }],
    ["from nothing", { ...now, value: 0, dayAgo: 0 }, view, { to: followed, reason: "followed" }],
  ])("moves %s", (_, from, seen, expected) => {
    expect(followNumber(from, rule, seen, policy)).toMatchObject(expected);
  });

  it("stays within floor and cap and says so", () => {
    const wild = { ...view, estimates: [{ estimator: "ewma", volatility: 0.5 }] } as const;
    const calm = { ...view, estimates: [{ estimator: "ewma", volatility: 0.001 }] } as const;
    expect(followNumber({ ...now, value: 0.39, dayAgo: 0.39 }, rule, wild, policy)).toMatchObject({
      to: 0.4,
      reason: "cap",
    });
    expect(followNumber({ ...now, value: 0.051, dayAgo: 0.051 }, rule, calm, policy)).toMatchObject({
      to: 0.05,
      reason: "floor",
    });
  });

  it("passes the tools in their order, each stage recorded", () => {
    const all = { ...policy, stressedWeight: 0.25, buffer: { fraction: 0.25, releaseAbove: 1 }, longRunFloor: true };
    const { steps } = followNumber({ ...now, value: 0.3, dayAgo: 0.3 }, rule, view, all);
    const model = Math.exp(0.15) - 1;
    const weighted = 0.75 * model + 0.125;
    const calm = 0.75 * (Math.exp(0.12) - 1) + 0.125;
    // Above the long-run level the buffer is used up, but never below what was charged there.
    const buffered = Math.max(weighted, calm * 1.25);
    const expected = [model, weighted, buffered, buffered, Math.ceil(buffered * 1e4) / 1e4];
    expect(steps.slice(0, 5).map(({ value }) => value)).toEqual(expected.map((value) => expect.closeTo(value, 12)));
    expect(steps.map(({ step }) => step).slice(0, 5)).toEqual([
      "model",
      "stressed_weight",
      "buffer",
      "long_run_floor",
      "bounds",
    ]);
  });

  it("keeps its buffer where no long run is known", () => {
    const buffered = { ...policy, buffer: { fraction: 0.25, releaseAbove: 1 }, longRunFloor: true };
    const { target } = followNumber({ ...now, value: 0.19, dayAgo: 0.19 }, rule, { ...view, longRun: null }, buffered);
    expect(target).toBeCloseTo(Math.ceil((Math.exp(0.15) - 1) * 1.25 * 1e4) / 1e4, 12);
  });

  it("never jumps where the buffer is released", () => {
    expect(withBuffer(0.2, 0.25, 0.2)).toBeCloseTo(withBuffer(0.2 + 1e-12, 0.25, 0.2), 9);
  });
});

const date = dateAfter(200);
const inputs = { current: defaultParameters, dayAgo: defaultParameters, date, policy: defaultDynamicsPolicy };
const find = (moves: readonly NumberMove[], subject: string, field: string) =>
  moves.find((move) => move.subject === subject && move.field === field);

describe("a proposal", () => {
  const history = { underlying: "BTC", bars: swinging(200, 0.06), implied: [] };

  it("moves what its rules cover and leaves every other byte", () => {
    const { content, moves } = proposeParameters({ ...inputs, histories: [history] });
    const [btc, ...others] = content.scan;
    expect(btc).toEqual({ ...defaultParameters.scan[0], priceScanRange: 0.15 });
    expect(others).toEqual(defaultParameters.scan.slice(1));
    const { scan: _s, collateral, ...rest } = content;
    const { scan: _t, collateral: shipped, parametersVersion: _v, ...unmoved } = defaultParameters;
    expect(rest).toEqual(unmoved);
    const bands = collateral.find(({ asset }) => asset === "BTC");
    const before = shipped.find(({ asset }) => asset === "BTC");
    const haircut = find(moves, "BTC", "haircut");
    const distance = (haircut?.to ?? 0) - (haircut?.from ?? 0);
    expect(distance).toBeGreaterThan(0);
    for (const schedule of ["initialBands", "maintenanceBands"] as const) {
      const moved = bands?.[schedule].map((band, index) => band.haircut - (before?.[schedule][index]?.haircut ?? 0));
      for (const by of moved ?? []) expect(by).toBeCloseTo(distance, 6);
    }
    expect(collateral.filter(({ asset }) => asset !== "BTC")).toEqual(shipped.filter(({ asset }) => asset !== "BTC"));
  });

  it("lets coins without a history follow their proxy, and says what that lacks", () => {
    const eth = { underlying: "ETH", bars: swinging(200, 0.06), implied: [] };
    const followed = find(proposeParameters({ ...inputs, histories: [eth] }).moves, "*", "price_scan_range");
    expect(followed?.estimates.every(({ estimator }) => estimator === "proxy")).toBe(true);
    expect(followed?.to).toBeGreaterThan(0.19);
    const alone = find(proposeParameters({ ...inputs, histories: [] }).moves, "*", "price_scan_range");
    expect(alone).toMatchObject({ to: 0.19, reason: "no_estimate" });
    expect(alone?.note).toContain("proxy ETH, 0 daily returns");
  });

  it.each([
    [
      "a short history",
      swinging(60, 0.06).map((each, day) => ({ ...each, date: dateAfter(140 + day) })),
      /59 daily returns of the 60/,
    ],
    ["no variance", swinging(200, 0), /199 daily returns, all of them zero/],
    ["a history that ended", swinging(190, 0.06), /the history ends on 2025-07-09/],
    [
      "bars that cannot be",
      swinging(200, 0.06).map((each) => ({ ...each, low: -1 })),
      /200 bars left out \(price_not_positive\)/,
    ],
  ])("keeps a number with %s", (_, bars, note) => {
    const { moves, content } = proposeParameters({ ...inputs, histories: [{ underlying: "BTC", bars, implied: [] }] });
    const move = find(moves, "BTC", "price_scan_range");
    expect(move).toMatchObject({ from: 0.1, to: 0.1, reason: "no_estimate", note: expect.stringMatching(note) });
    expect(content.scan).toEqual(defaultParameters.scan);
  });

  it("lets the running day raise a number, and never lower it", () => {
    const calm = swinging(201, 0.02);
    const crash = [...calm.slice(0, 200), bar(200, 60, 100)];
    const target = (bars: DailyBar[]) =>
      find(
        proposeParameters({ ...inputs, histories: [{ underlying: "BTC", bars, implied: [] }] }).moves,
        "BTC",
        "price_scan_range",
      )?.target ?? 0;
    expect(target(crash)).toBeGreaterThan(target(calm.slice(0, 200)));
    const quiet = [...swinging(200, 0.05), bar(200, 100, 100)];
    expect(target(quiet)).toBe(target(swinging(200, 0.05)));
  });

  it("does not fall while an implied volatility that was there is missing", () => {
    const current = {
      ...defaultParameters,
      scan: defaultParameters.scan.map((scan) => ({ ...scan, priceScanRange: 0.3 })),
    };
    const bars = swinging(200, 0.01);
    const moveWith = (implied: { date: string; volatility: number }[]) =>
      find(
        proposeParameters({ ...inputs, current, dayAgo: current, histories: [{ underlying: "BTC", bars, implied }] })
          .moves,
        "BTC",
        "price_scan_range",
      );
    expect(moveWith([{ date: dateAfter(195), volatility: 0.3 }])).toMatchObject({ to: 0.3, reason: "incomplete_data" });
    expect(moveWith([{ date, volatility: 0.3 }])).toMatchObject({ to: 0.294, reason: "decrease_limit" });
    expect(moveWith([])).toMatchObject({ to: 0.294, reason: "decrease_limit" });
  });

  it("follows the volatility of implied volatility for the volatility scan", () => {
    const implied = Array.from({ length: 201 }, (_, day) => ({
      date: dateAfter(day),
      volatility: day % 2 === 0 ? 0.5 : 0.6,
    }));
    const { moves } = proposeParameters({ ...inputs, histories: [{ ...history, implied }] });
    // ln(0.6 / 0.5) x 3.8, exponential less 1, is 100 %: the cap, and half again of 50 % at once.
    expect(find(moves, "BTC", "volatility_up")).toMatchObject({ from: 0.5, to: 0.75, target: 1 });
  });

  it.each([
    [{ increaseLimit: 0 }, /increaseLimit is 0/],
    [{ decreaseLimitPerDay: 1 }, /decreaseLimitPerDay is 1/],
    [{ tolerance: 0.6 }, /tolerance is 0.6/],
    [{ stressedWeight: 1.5 }, /stressedWeight is 1.5/],
    [{ buffer: { fraction: 0.25, releaseAbove: 0 } }, /releaseAbove is 0/],
  ])("refuses a policy with %j", (changed, problem) => {
    const broken = { ...defaultDynamicsPolicy, ...changed };
    expect(() => proposeParameters({ ...inputs, policy: broken, histories: [] })).toThrow(problem);
  });

  it("refuses a cap beyond the nearest extended move, which would then lie inside the grid", () => {
    const [first] = defaultDynamicsPolicy.underlyings;
    if (first === undefined) throw new Error("no rule");
    const wide = { ...first, priceScanRange: { ...first.priceScanRange, cap: 0.33 } };
    const broken = { ...defaultDynamicsPolicy, underlyings: [wide] };
    expect(() => proposeParameters({ ...inputs, policy: broken, histories: [] })).toThrow(
      /cap is 0.33; it must be below 0.33/,
    );
  });
});

describe("the operators' limits", () => {
  const moved = { subject: "BTC", field: "price_scan_range", from: 0.16, to: 0.24 } as NumberMove;
  const bound = { subject: "*", field: "price_scan_range", minimum: 0.1, maximum: 0.3 } as const;
  const limits = { automatic: true, maximumIncrease: 0.5, maximumDecrease: 0.05, bounds: [bound] };

  it("let pass what is within them, a limit itself included", () => {
    expect(checkActivation([moved], limits)).toEqual([]);
    expect(checkActivation([{ ...moved, subject: "SOL", to: 0.16 }], { ...limits, bounds: [] })).toEqual([]);
  });

  it.each([
    [null, moved, "the operator has set no limits"],
    [{ ...limits, automatic: false }, moved, "automatic activation is off"],
    [{ ...limits, maximumIncrease: 0.4 }, moved, "one activation may go to 0.224"],
    [limits, { ...moved, to: 0.15 }, "one activation may go to 0.152"],
    [{ ...limits, bounds: [] }, moved, "the operator has set no bounds for it"],
    [{ ...limits, bounds: [{ ...bound, maximum: 0.2 }] }, moved, "its maximum is 0.2"],
    [{ ...limits, bounds: [{ ...bound, minimum: 0.25 }] }, moved, "its minimum is 0.25"],
    [{ ...limits, bounds: [bound, { ...bound, subject: "BTC", maximum: 0.2 }] }, moved, "its maximum is 0.2"],
  ])("stop what is beyond %j", (given, move, breach) => {
    expect(checkActivation([move], given).join()).toContain(breach);
  });
});

describe("the procyclicality card", () => {
  const limits = { peakToTrough: 2, increases: [{ days: 1, limit: 0.3 }] };
  const day = (at: number, requirement: number | null) => ({
    date: dateAfter(at),
    parametersVersion: `v-${at < 2 ? 1 : 2}`,
    requirements: [{ name: "BTC long", requirement }],
  });

  it("measures swings, lists breaches and counts gaps", () => {
    const card = measureResponsiveness([day(0, 0.1), day(1, 0.12), day(3, 0.24), day(4, null)], limits);
    expect(card).toMatchObject({ daysMeasured: 4, daysMissing: 1, parametersVersions: ["v-1", "v-2"] });
    const [long] = card?.portfolios ?? [];
    expect(long).toMatchObject({ requirement: null, peakToTrough: expect.closeTo(2.4, 12) });
    // 0.12 to 0.24 took two days: it is no increase of one.
    expect(long?.increases[0]?.greatest).toBeCloseTo(0.2, 12);
    expect(card?.breaches).toEqual([{ name: "BTC long", days: 0, value: expect.closeTo(2.4, 12), limit: 2 }]);
  });

  it("names an increase that passes its limit", () => {
    const card = measureResponsiveness([day(0, 0.1), day(1, 0.15)], limits);
    expect(card?.breaches).toEqual([{ name: "BTC long", days: 1, value: expect.closeTo(0.5, 12), limit: 0.3 }]);
  });

  it("is none without a day", () => {
    expect(measureResponsiveness([], limits)).toBeNull();
  });
});
