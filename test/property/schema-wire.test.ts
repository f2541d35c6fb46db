import { canonicalJson, defaultParameters, type MarketSnapshot } from "@plimsoll/risk";
import {
  compactTime,
  decodeParameters,
  decodeSnapshot,
  encodeParameters,
  encodeSnapshot,
  nameParameters,
  nameSnapshot,
  shardOf,
  snapshotTimeMs,
} from "@plimsoll/schema";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  asOfMs,
  expiryInDays,
  marketSnapshot,
  quotedOption,
  quotedPerpetual,
  underlyingState,
} from "../support/market.ts";

const runs = { seed: 20260205, numRuns: 300 };
const price = fc.double({ min: 1e-6, max: 1e9, noNaN: true });

const snapshot = fc.record({ index: price, strike: price, mark: price, ms: fc.integer({ min: 0, max: 1e8 }) }).map(
  ({ index, strike, mark, ms }): MarketSnapshot =>
    nameSnapshot({
      ...marketSnapshot(
        [underlyingState("BTC", index)],
        [
          quotedPerpetual({ instrumentId: "P", underlying: "BTC" }, mark),
          quotedOption(
            { instrumentId: "C", underlying: "BTC", optionType: "call", strike, expiryMs: expiryInDays(30) },
            index,
            0.6,
          ),
        ],
      ),
      asOfMs: asOfMs + ms,
    }),
);

describe("a snapshot on the wire", () => {
  it("comes back to the bit", () => {
    fc.assert(
      fc.property(snapshot, (original) => {
        expect(decodeSnapshot(JSON.parse(JSON.stringify(encodeSnapshot(original))))).toEqual(original);
      }),
      runs,
    );
  });

  it("has an id that says its time, sorts as time does and changes with any content", () => {
    fc.assert(
      fc.property(snapshot, snapshot, (a, b) => {
        expect(snapshotTimeMs(a.snapshotId)).toBe(a.asOfMs);
        if (a.asOfMs < b.asOfMs) expect(a.snapshotId < b.snapshotId).toBe(true);
        const { snapshotId, ...content } = a;
        expect(nameSnapshot(content).snapshotId).toBe(snapshotId);
        const [state] = a.underlyings;
        if (state === undefined) throw new Error("no underlying");
        const changed = { ...content, underlyings: [{ ...state, indexPrice: state.indexPrice * (1 + 2 ** -52) }] };
        expect(nameSnapshot(changed).snapshotId).not.toBe(snapshotId);
      }),
      runs,
    );
  });

  it("writes its time in digits that sort", () => {
    expect(compactTime(Date.UTC(2026, 1, 5, 15, 51, 32, 7))).toBe("20260205T155132007Z");
  });
});

describe("parameters on the wire", () => {
  const { parametersVersion, ...content } = defaultParameters;

  it("come back as they were, under a version that says what they hold", () => {
    const named = nameParameters(parametersVersion, content);
    expect(decodeParameters(JSON.parse(JSON.stringify(encodeParameters(named))))).toEqual(named);
    expect(named.parametersVersion).toMatch(new RegExp(`^${defaultParameters.parametersVersion}-[0-9a-f]{12}$`));
    const other = nameParameters(parametersVersion, { ...content, historyTolerance: 0.011 });
    expect(other.parametersVersion).not.toBe(named.parametersVersion);
  });

  it("are refused out of their bounds", () => {
    const named = encodeParameters(nameParameters(parametersVersion, content));
    const [scan] = named.scan;
    expect(() => decodeParameters({ ...named, scan: [{ ...scan, price_scan_range: 1.5 }] })).toThrow(
      "price_scan_range",
    );
    const rung = { severity: "WARNING", requirement: "initial", enter_ratio: 0.8, leave_ratio: 0.9 };
    const severity = { ...named.severity, rungs: [rung] };
    expect(() => decodeParameters({ ...named, severity })).toThrow("flap");
  });
});

describe("canonical JSON", () => {
  it("is the same whatever the order of keys", () => {
    const value = fc.dictionary(fc.string(), fc.oneof(fc.integer(), fc.string(), fc.array(fc.integer())));
    fc.assert(
      fc.property(value, (original) => {
        const reversed = Object.fromEntries(Object.entries(original).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(original));
        expect(JSON.parse(canonicalJson(original))).toEqual(original);
      }),
      runs,
    );
  });
});

describe("shards", () => {
  it("are the same for an id on every machine", () => {
    // FNV-1a of "a" and "foobar" are e40c292c and bf9cf968 (test vectors of the FNV draft).
    expect(shardOf("a", 2 ** 32)).toBe(0xe40c292c);
    expect(shardOf("foobar", 2 ** 32)).toBe(0xbf9cf968);
  });

  it("share accounts evenly", () => {
    const counts = new Array<number>(16).fill(0);
    for (let index = 0; index < 16_000; index += 1) {
      const shard = shardOf(`account-${index}`, 16);
      counts[shard] = (counts[shard] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1_150);
  });
});
