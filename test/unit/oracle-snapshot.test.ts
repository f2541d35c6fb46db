import { buildSnapshot, defaultOracleParameters, type OracleParameters, type UnderlyingQuotes } from "@plimsoll/oracle";
import { black76Price, type MarketSnapshot } from "@plimsoll/risk";
import { describe, expect, it } from "vitest";
import { expiryInDays, asOfMs as nowMs, quotedFuture, quotedOption, quotedPerpetual } from "../support/market.ts";

const parameters: OracleParameters = {
  ...defaultOracleParameters,
  quoteMaxAgeMs: 60_000,
  instrumentsPerSnapshot: 5_000,
};

function index(source: string, indexPrice: number, ageMs = 1_000) {
  return { source, indexPrice, observedAtMs: nowMs - ageMs };
}

function btc(quotes: Partial<UnderlyingQuotes>): UnderlyingQuotes {
  return { underlying: "BTC", index: [], marks: [], ...quotes };
}

function build(quotes: Partial<UnderlyingQuotes>, previous: MarketSnapshot | null = null, asOfMs = nowMs) {
  return buildSnapshot([btc(quotes)], asOfMs, previous, parameters);
}

function stateOf(quotes: UnderlyingQuotes["index"], previous: MarketSnapshot | null = null, asOfMs = nowMs) {
  return build({ index: quotes }, previous, asOfMs).underlyings[0];
}

describe("the funding rate of a perpetual", () => {
  const quoted = quotedPerpetual({ instrumentId: "PERP", underlying: "BTC" }, 70_000);
  const other = quotedPerpetual({ instrumentId: "OTHER", underlying: "BTC" }, 70_000);
  type Funding = NonNullable<(typeof quoted)["funding"]>;
  const withFunding = (funding: Funding | undefined) => (funding === undefined ? quoted : { ...quoted, funding });
  const marksOf = (funding: Funding | undefined, observedAtMs: number) => ({
    index: [{ source: "a", indexPrice: 70_000, observedAtMs }],
    marks: [{ source: "a", observedAtMs, indexPrice: 70_000, instruments: [withFunding(funding), other] }],
  });
  const rateOf = ({ instruments }: Pick<MarketSnapshot, "instruments">) =>
    instruments.find(({ instrument }) => instrument.instrumentId === "PERP")?.funding;

  // Seen to fail: the rate was gone with the first batch that left it out, and the requirement fell with it.
  it("is the last one stated until another is, also over a time without quotes", () => {
    const at = (minutes: number) => nowMs + minutes * 60_000;
    const states = [{ hourlyRate: 0.002, cumulative: 5 }, undefined, null, { hourlyRate: null, cumulative: 7 }];
    let previous: MarketSnapshot | null = null;
    const seen = states.map((funding, minute) => {
      const quotes =
        funding === null
          ? { index: [{ source: "a", indexPrice: 70_000, observedAtMs: at(minute) }] }
          : marksOf(funding, at(minute));
      previous = { snapshotId: `s${minute}`, ...build(quotes, previous, at(minute)) };
      return rateOf(previous);
    });
    expect(seen).toEqual([
      { hourlyRate: 0.002, cumulative: 5 },
      { hourlyRate: 0.002, cumulative: null },
      undefined,
      { hourlyRate: 0.002, cumulative: 7 },
    ]);
    const stated = build(marksOf({ hourlyRate: -0.001, cumulative: 8 }, at(4)), previous, at(4));
    expect(rateOf(stated)).toEqual({ hourlyRate: -0.001, cumulative: 8 });
    expect(stated.instruments.find(({ instrument }) => instrument.instrumentId === "OTHER")?.funding).toBeUndefined();
  });
});

describe("the price of an underlying", () => {
  it("is good from one fresh source", () => {
    expect(stateOf([index("a", 70_000)])).toEqual({
      underlying: "BTC",
      indexPrice: 70_000,
      quality: "good",
      confidenceWidth: 0,
      priceAgeMs: 1_000,
      qualityReason: null,
    });
  });

  it("is the median of fresh sources, with the age of the oldest used", () => {
    const state = stateOf([
      index("a", 70_000, 5_000),
      index("b", 70_010),
      index("c", 70_020),
      index("d", 60_000, 60_001),
    ]);
    expect(state).toMatchObject({ indexPrice: 70_010, quality: "good", priceAgeMs: 5_000 });
  });

  describe("that takes a stablecoin at par", () => {
    const par = (source: string, ageMs = 1_000, coin = "BTC") => ({ ...index(source, 1, ageMs), atPar: coin });
    const snapshotBefore = (quotes: UnderlyingQuotes["index"]): MarketSnapshot => ({
      snapshotId: "before",
      ...build({ index: quotes }, null, nowMs - 10_000),
    });

    it("is said, in the stablecoin and in what is quoted in it, and charged nothing", () => {
      expect(stateOf([par("a")])).toEqual({
        underlying: "BTC",
        indexPrice: 1,
        quality: "widened",
        confidenceWidth: 0,
        priceAgeMs: 1_000,
        qualityReason: "at par, for no source prices it",
        atPar: "BTC",
      });
      expect(stateOf([par("a", 1_000, "USDC")])).toMatchObject({ qualityReason: "in USDC at par", atPar: "USDC" });
    });

    it("yields to any price, be it depegged, alone among many, or too old", () => {
      const depegged = stateOf([par("a"), par("b"), par("c"), index("d", 0.62)]);
      expect(depegged).toMatchObject({ indexPrice: 0.62, quality: "good", confidenceWidth: 0, qualityReason: null });
      expect(depegged).not.toHaveProperty("atPar");
      expect(stateOf([par("a"), index("d", 0.62, 60_001)])).toMatchObject({ indexPrice: 0.62, quality: "blocked" });
    });

    it("is no measure of the price that comes after it: a deep depeg is believed at once", () => {
      expect(stateOf([index("d", 0.5)], snapshotBefore([par("a", 11_000)]))).toMatchObject({
        indexPrice: 0.5,
        quality: "good",
      });
    });

    it("never stands for a price that was known: less data, no better price", () => {
      let previous = snapshotBefore([index("a", 0.8, 11_000)]);
      for (const passedMs of [0, 86_400_000]) {
        const snapshot = build({ index: [par("a", -passedMs)] }, previous, nowMs + passedMs);
        expect(snapshot.underlyings[0]).toMatchObject({ indexPrice: 0.8, quality: "blocked" });
        expect(snapshot.currencies).toEqual([{ currency: "USD", priceUsd: 1 }]);
        previous = { snapshotId: "next", ...snapshot };
      }
      expect(previous.underlyings[0]?.priceAgeMs).toBeGreaterThan(86_400_000);
    });

    it("grows old as a price does", () => {
      expect(stateOf([par("a", 60_001)])).toMatchObject({ quality: "blocked", atPar: "BTC" });
    });
  });

  it("leaves out a source that is far from the others", () => {
    const state = stateOf([index("a", 70_000), index("b", 70_010), index("c", 77_000)]);
    expect(state).toMatchObject({ indexPrice: 70_005, quality: "good" });
  });

  it("is widened when sources disagree a little, degraded when much", () => {
    expect(stateOf([index("a", 70_000), index("b", 70_210)])).toMatchObject({
      indexPrice: 70_105,
      quality: "widened",
      confidenceWidth: 105 / 70_105,
    });
    expect(stateOf([index("a", 70_000), index("b", 73_500)])).toMatchObject({
      quality: "degraded",
      qualityReason: "sources disagree by 2.44 % either side",
    });
  });

  it("stays as doubtful as it was when a source falls silent (I8; seen to fail without isSomeoneSilent)", () => {
    const before = build({ index: [index("a", 70_000), index("b", 70_210)] });
    const previous: MarketSnapshot = { snapshotId: "before", ...before };
    const silent = [index("a", 70_000), index("b", 70_210, 60_001)];
    expect(stateOf(silent, previous)).toMatchObject({ quality: "widened", confidenceWidth: 105 / 70_105 });
    const forgotten = [index("a", 70_000), index("b", 70_210, 24 * 3_600_000 + 1)];
    expect(stateOf(forgotten, previous)).toMatchObject({ quality: "good", confidenceWidth: 0 });
  });

  it("holds when two of five sources are wild", () => {
    const sources = [index("a", 70_000), index("b", 70_001), index("c", 70_002), index("d", 1), index("e", 700_000)];
    expect(stateOf(sources)).toMatchObject({ indexPrice: 70_001, quality: "good" });
  });

  it("is blocked at the last price known when no source is fresh, and prices no currency then", () => {
    const snapshot = build({ index: [index("a", 70_000, 60_001), index("b", 69_000, 90_000)] });
    expect(snapshot.underlyings[0]).toMatchObject({
      indexPrice: 70_000,
      quality: "blocked",
      priceAgeMs: 60_001,
      qualityReason: "no quote within 60000 ms",
    });
    expect(snapshot.currencies).toEqual([{ currency: "USD", priceUsd: 1 }]);
  });

  it("takes a quote ahead of the clock as fresh, never as fresher", () => {
    expect(stateOf([index("a", 70_000, -5_000)])).toMatchObject({ quality: "good", priceAgeMs: 0 });
  });

  it("is not there when nobody ever quoted it", () => {
    expect(build({}).underlyings).toEqual([]);
  });
});

describe("a jump", () => {
  const calm: MarketSnapshot = {
    snapshotId: "calm",
    ...build({ index: [index("a", 70_000)] }),
    asOfMs: nowMs - 30_000,
  };

  it("told by one source alone may warn but not escalate, until that source tells it again", () => {
    const jumped = build({ index: [index("a", 50_000)] }, calm);
    expect(jumped.underlyings[0]).toMatchObject({
      quality: "degraded",
      qualityReason: "a jump of 28.57 % that one source alone tells",
    });
    const first: MarketSnapshot = { snapshotId: "jumped", ...jumped };
    const sameQuote = stateOf([index("a", 50_000)], first, nowMs + 20_000);
    expect(sameQuote?.quality).toBe("degraded");
    const newQuote = stateOf([index("a", 50_000, -10_000)], first, nowMs + 20_000);
    expect(newQuote?.quality).toBe("good");
  });

  it("told by two sources is believed at once", () => {
    expect(stateOf([index("a", 50_000), index("b", 50_010)], calm)?.quality).toBe("good");
  });
});

describe("the marks", () => {
  const call = { instrumentId: "C", underlying: "BTC", optionType: "call", expiryMs: expiryInDays(30) } as const;
  const option = quotedOption({ ...call, strike: 70_000 }, 70_000, 0.6);
  const perpetual = quotedPerpetual({ instrumentId: "P", underlying: "BTC" }, 70_070);
  const future = quotedFuture({ instrumentId: "F", underlying: "BTC", expiryMs: expiryInDays(30) }, 70_700);
  const marks = {
    source: "a",
    observedAtMs: nowMs - 10_000,
    indexPrice: 70_000,
    instruments: [perpetual, option, future],
  };

  it("stay as they are while the index does", () => {
    const snapshot = build({ index: [index("a", 70_000)], marks: [marks] });
    expect(snapshot.instruments).toEqual([option, future, perpetual]);
    expect(snapshot.underlyings[0]?.priceAgeMs).toBe(10_000);
  });

  it("move with the index: forwards in proportion, options at their volatility", () => {
    const snapshot = build({ index: [index("a", 63_000)], marks: [marks] });
    const [movedOption, movedFuture, movedPerpetual] = snapshot.instruments;
    expect(movedFuture?.markPrice).toBeCloseTo(63_630, 8);
    expect(movedPerpetual?.markPrice).toBeCloseTo(63_063, 8);
    const years = 30 / 365;
    expect(movedOption?.markPrice).toBeCloseTo(black76Price(1, 63_000, 70_000, years, 0.6, 1), 8);
    expect(movedOption?.markVolatility).toBe(0.6);
  });

  it("are those of the freshest source", () => {
    const older = { ...marks, source: "b", observedAtMs: nowMs - 20_000, instruments: [perpetual] };
    expect(build({ index: [index("a", 70_000)], marks: [older, marks] }).instruments).toHaveLength(3);
  });

  it("that are too old degrade the price", () => {
    const old = { ...marks, observedAtMs: nowMs - 15 * 60_000 - 1 };
    expect(build({ index: [index("a", 70_000)], marks: [old] }).underlyings[0]).toMatchObject({
      quality: "degraded",
      qualityReason: "marks of a are 900001 ms old",
    });
  });

  it("of expired instruments are left out", () => {
    const snapshot = build({ index: [index("a", 70_000, -expiryInDays(30))], marks: [marks] }, null, expiryInDays(30));
    expect(snapshot.instruments.map(({ instrument }) => instrument.instrumentId)).toEqual(["P"]);
  });

  it("without a volatility get that of the surface, and say so", () => {
    const strikes = [60_000, 65_000, 70_000, 75_000, 80_000];
    const smile = strikes.map((strike) => quotedOption({ ...call, instrumentId: `C${strike}`, strike }, 70_000, 0.6));
    const unmarked = { ...option, markVolatility: null, volatilitySource: null };
    const snapshot = build({ index: [index("a", 70_000)], marks: [{ ...marks, instruments: [...smile, unmarked] }] });
    const filled = snapshot.instruments.find(({ instrument }) => instrument.instrumentId === "C");
    expect(filled?.volatilitySource).toBe("surface");
    expect(filled?.markVolatility).toBeCloseTo(0.6, 6);
  });

  it("without a volatility and without neighbours stay without", () => {
    const unmarked = { ...option, markVolatility: null, volatilitySource: null };
    const snapshot = build({ index: [index("a", 70_000)], marks: [{ ...marks, instruments: [unmarked] }] });
    expect(snapshot.instruments[0]).toMatchObject({ markVolatility: null, volatilitySource: null });
  });

  it("beyond the limit of a snapshot block their underlying as a whole", () => {
    const few = { ...parameters, instrumentsPerSnapshot: 2 };
    const snapshot = buildSnapshot([btc({ index: [index("a", 70_000)], marks: [marks] })], nowMs, null, few);
    expect(snapshot.instruments).toEqual([]);
    expect(snapshot.underlyings[0]).toMatchObject({ quality: "blocked" });
  });
});

describe("settlement averages", () => {
  const minute = 60_000;
  const expiryMs = nowMs + 12 * minute;
  const option = quotedOption(
    {
      instrumentId: "C",
      underlying: "BTC",
      optionType: "call",
      strike: 60_000,
      expiryMs,
      settlementWindowMinutes: 30,
    },
    70_000,
    0.8,
  );
  const marks = (ageMs: number) => ({
    source: "a",
    observedAtMs: nowMs - ageMs,
    indexPrice: 70_000,
    instruments: [option],
    settlementAverages: [{ underlying: "BTC", expiryMs, averagePrice: 69_000 }],
  });

  it("are carried, and count what has passed since at the agreed index", () => {
    const averageOf = (ageMs: number) =>
      build({ index: [index("a", 71_000)], marks: [marks(ageMs)] }).settlementAverages?.[0]?.averagePrice;
    expect(averageOf(0)).toBe(69_000);
    // 18 minutes of the window have passed, 15 of them when the average was observed.
    expect(averageOf(3 * minute)).toBe((69_000 * 15 + 71_000 * 3) / 18);
    // Nothing of it had passed: all of it is what the index is now.
    expect(averageOf(20 * minute)).toBe(71_000);
  });

  it("of contracts in a stablecoin count the index in that stablecoin, below its par as at it", () => {
    const { instrument } = option;
    const inUsdc = { ...option, instrument: { ...instrument, quoteCurrency: "USDC" } };
    // The index is 71,000 USDC, at 0.9 dollars each; so is the one that the marks were observed at.
    const linear = { ...marks(3 * minute), indexPrice: 63_000, instruments: [inUsdc] };
    const quotes = [
      btc({ index: [index("a", 63_900)], marks: [linear] }),
      { underlying: "USDC", index: [index("a", 0.9)], marks: [] },
    ];
    const snapshot = { snapshotId: "before", ...buildSnapshot(quotes, nowMs, null, parameters) };
    expect(snapshot.settlementAverages?.[0]?.averagePrice).toBeCloseTo((69_000 * 15 + 71_000 * 3) / 18, 6);
    const later = quotes.map((quote) => ({
      ...quote,
      marks: [],
      index: quote.index.map((price) => ({ ...price, observedAtMs: expiryMs })),
    }));
    const { lapsed } = buildSnapshot(later, expiryMs, snapshot, parameters);
    expect(lapsed?.[0]?.settlementPrice).toBeCloseTo((69_000 * 15 + 71_000 * 15) / 30, 6);
  });

  it("move a mark by the share of the index that is left", () => {
    const { instruments } = build({ index: [index("a", 71_000)], marks: [marks(0)] });
    const [quoted] = instruments;
    // Deep in the money, 12 of 30 minutes left: 40 % of the index's 1,000 reach the mark.
    expect((quoted?.markPrice ?? 0) - option.markPrice).toBeCloseTo(400, 6);
    expect(quoted?.forwardPrice).toBeCloseTo(71_000, 6);
  });

  it("are left out once the window has ended, and absent when there are none", () => {
    const late = build({ index: [index("a", 71_000)], marks: [marks(0)] }, null, expiryMs);
    expect(late.settlementAverages).toBeUndefined();
    const { settlementAverages: _, ...bare } = marks(0);
    expect("settlementAverages" in build({ index: [index("a", 71_000)], marks: [bare] })).toBe(false);
  });
});

describe("the price that an expiry settles at", () => {
  const minute = 60_000;
  const day = 86_400_000;
  const expiryMs = nowMs + minute;
  const terms = { underlying: "BTC", expiryMs } as const;
  const windowed = { optionType: "call", strike: 60_000, settlementWindowMinutes: 30 } as const;
  const dated = [
    quotedOption({ instrumentId: "C", ...terms, ...windowed }, 70_000, 0.8),
    quotedFuture({ instrumentId: "F", ...terms }, 70_000),
  ];
  const at = (observedAtMs: number, price = 70_000) => [{ source: "a", indexPrice: price, observedAtMs }];
  const marksAt = (observedAtMs: number, averagePrice: number | null, instruments = dated) => ({
    source: "a",
    observedAtMs,
    indexPrice: 70_000,
    instruments,
    ...(averagePrice !== null && { settlementAverages: [{ underlying: "BTC", expiryMs, averagePrice }] }),
  });
  const before: MarketSnapshot = {
    snapshotId: "before",
    ...build({ index: at(nowMs), marks: [marksAt(nowMs, 69_000)] }),
  };
  const nextSnapshot = (quotes: Partial<UnderlyingQuotes>, asOfMs: number, previous: MarketSnapshot = before) => ({
    snapshotId: "after",
    ...buildSnapshot([btc({ index: at(asOfMs, 72_000), ...quotes })], asOfMs, previous, parameters),
  });
  const pricesOf = ({ lapsed = [] }: Pick<MarketSnapshot, "lapsed">) =>
    lapsed.map(({ quoted, settlementPrice }) => [quoted.instrument.instrumentId, settlementPrice]);

  it("is the average of its window, with what passed since the last snapshot at the index of the first after it", () => {
    // 29 of the 30 minutes had passed at 69,000; the last one counts at 72,000.
    const blend = (69_000 * 29 + 72_000) / 30;
    const first = nextSnapshot({}, expiryMs + minute);
    expect(pricesOf(first)).toEqual([
      ["C", blend],
      ["F", undefined],
    ]);
    expect(first.instruments).toEqual([]);
    // It stays what it was, whatever the index does.
    expect(pricesOf(nextSnapshot({ index: at(expiryMs + day, 50_000) }, expiryMs + day, first))).toEqual(
      pricesOf(first),
    );
  });

  it("is what a source states for an expiry after it, with a window or without, at once or later", () => {
    const stated = (observedAtMs: number, price: number) => ({ marks: [marksAt(observedAtMs, price, [])] });
    const first = nextSnapshot(stated(expiryMs, 69_123.5), expiryMs + minute);
    const both = [
      ["C", 69_123.5],
      ["F", 69_123.5],
    ];
    expect(pricesOf(first)).toEqual(both);
    const reckoned = nextSnapshot({}, expiryMs + minute);
    const later = nextSnapshot(stated(expiryMs + 2 * minute, 69_123.5), expiryMs + 3 * minute, reckoned);
    expect(pricesOf(later)).toEqual(both);
    expect(pricesOf(nextSnapshot({}, expiryMs + 4 * minute, later))).toEqual(both);
    // Of several sources the one that said it last.
    const two = [marksAt(expiryMs + minute, 69_100, []), { ...marksAt(expiryMs, 69_200, []), source: "b" }];
    expect(pricesOf(nextSnapshot({ marks: two }, expiryMs + minute))[0]).toEqual(["C", 69_100]);
  });

  it("is not an average that was stated before the window ended", () => {
    const early = nextSnapshot({ marks: [marksAt(expiryMs - 1_000, 65_000)] }, expiryMs + minute, {
      ...before,
      settlementAverages: [],
    });
    expect(pricesOf(early)[0]).toEqual(["C", undefined]);
  });

  it.each([
    ["the index is blocked", { index: at(expiryMs - 5 * minute, 72_000) }, expiryMs + minute],
    ["one source alone tells of a jump", { index: at(expiryMs + minute, 20_000) }, expiryMs + minute],
    ["no snapshot was made for longer than marks are believed", {}, nowMs + 15 * minute + 1],
  ])("is not reckoned where %s", (_, quotes, asOfMs) => {
    expect(pricesOf(nextSnapshot(quotes, asOfMs))[0]).toEqual(["C", undefined]);
  });

  it("outlives its last mark until seven days after the expiry", () => {
    const week = 7 * day;
    const kept = (asOfMs: number) => pricesOf(nextSnapshot({}, asOfMs, nextSnapshot({}, expiryMs + minute))).length;
    expect(kept(expiryMs + week)).toBe(2);
    expect(kept(expiryMs + week + 1)).toBe(0);
    // What nobody quoted for its last ten days is known for as long.
    const gone = nextSnapshot({}, nowMs + 1, { ...before, asOfMs: nowMs - 10 * day });
    expect(pricesOf(nextSnapshot({}, expiryMs + week, gone))).toHaveLength(2);
    expect(pricesOf(nextSnapshot({}, expiryMs + week + 1, gone))).toHaveLength(0);
  });

  it("never ends what is known of a perpetual early, nor keeps it for longer", () => {
    const perpetual = { ...before, instruments: [quotedPerpetual({ instrumentId: "P", underlying: "BTC" }, 70_000)] };
    expect(pricesOf(nextSnapshot({}, nowMs + 7 * day, perpetual))).toHaveLength(1);
    expect(pricesOf(nextSnapshot({}, nowMs + 7 * day + 1, perpetual))).toHaveLength(0);
  });
});
