import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { buildSpanContract, computeSpanRequirement, spanGrid16 } from "@plimsoll/risk";
import { afterAll, describe, expect, it } from "vitest";
import {
  marginOnSpanFile,
  parseSpanFile,
  readSpanFile,
  type SpanFile,
  type SpanFileContract,
  SpanFileError,
  writeSpanFile,
} from "../../packages/cli/src/span-file/index.ts";
import { readFixtureJson } from "../support/fixtures.ts";
import { asOfMs, expiryInDays, quotedFuture, quotedOption, quotedPerpetual } from "../support/market.ts";
import { seeded } from "../support/seeded.ts";

const samplePath = fileURLToPath(new URL("../support/sample.spn", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "plimsoll-span-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function* pieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

const parse = (text: string) => parseSpanFile(pieces(text, 1 << 16));

describe("reading a risk parameter file", () => {
  it("takes grid, pairs, delta points and contracts from the sample", async () => {
    const file = await readSpanFile(samplePath);
    expect(file.businessDate).toBe("20260625");
    expect(file.clearingOrganisation).toBe("NSCCL");
    expect(file.grid.scenarios).toHaveLength(16);
    expect(file.grid.scenarios[4]).toEqual({
      number: 5,
      priceFraction: -1 / 3,
      volatilityFraction: 1,
      weight: 1,
      pairedNumber: 6,
    });
    expect(file.grid.scenarios[15]).toEqual({
      number: 16,
      priceFraction: -2,
      volatilityFraction: 0,
      weight: 0.35,
      pairedNumber: null,
    });
    expect(file.grid.deltaPoints.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12);
    expect([...file.contracts.keys()].sort()).toEqual([
      "NSE:BANKNIFTY:FUT:20260630",
      "NSE:NIFTY:FUT:20260630",
      "NSE:NIFTY:FUT:20260728",
      "NSE:NIFTY:OOP:20260630:C:24000",
      "NSE:NIFTY:OOP:20260630:P:23000",
    ]);
    expect(file.contracts.get("NSE:NIFTY:OOP:20260630:C:24000")).toMatchObject({
      combinedCommodity: "NIFTY",
      currency: "INR",
      kind: "option",
      compositeDelta: 0.5317,
      optionValue: 374.3,
      deltaScale: 1,
    });
  });

  it("margins a future as publicly quoted from the real file its array comes from", async () => {
    const file = await readSpanFile(samplePath);
    const { cases } = readFixtureJson("data/span/nse_span_reference_values.json") as {
      cases: { id: string; margin?: number; lot_size_used?: number; worst_points?: number[] }[];
    };
    const quoted = new Map(cases.map((entry) => [entry.id, entry]));
    for (const [id, contractId] of [
      ["B1", "NSE:NIFTY:FUT:20260630"],
      ["B2", "NSE:BANKNIFTY:FUT:20260630"],
    ] as const) {
      const { margin, lot_size_used, worst_points } = quoted.get(id)!;
      const result = marginOnSpanFile(file, new Map([[contractId, lot_size_used!]]));
      expect(Math.abs(result.currencies[0]!.totalMaintenance - margin!)).toBeLessThanOrEqual(0.5);
      expect(result.commodities[0]!.activeScenario).toBe(worst_points![0]);
    }
  });

  it("charges a calendar spread at the file's rate and gives the credit of a spread between commodities", async () => {
    const file = await readSpanFile(samplePath);
    const calendar = marginOnSpanFile(
      file,
      new Map([
        ["NSE:NIFTY:FUT:20260630", 75],
        ["NSE:NIFTY:FUT:20260728", -75],
      ]),
    ).commodities[0]!;
    expect(calendar.intraCharge).toBe(75 * 425);
    expect(calendar.commodityRisk).toBe(calendar.scanRisk + 75 * 425);
    const inter = marginOnSpanFile(
      file,
      new Map([
        ["NSE:NIFTY:FUT:20260630", 2],
        ["NSE:BANKNIFTY:FUT:20260630", -1],
      ]),
    );
    for (const commodity of inter.commodities) expect(commodity.interCredit).toBeCloseTo(0.25 * commodity.priceRisk, 9);
  });

  it("takes the initial rate of the account type, and refuses one the file does not have", async () => {
    const positions = new Map([["NSE:NIFTY:FUT:20260630", 1]]);
    const normal = marginOnSpanFile(await readSpanFile(samplePath), positions).currencies[0]!;
    const speculator = marginOnSpanFile(await readSpanFile(samplePath, { accountType: "S" }), positions).currencies[0]!;
    expect(normal.totalInitial).toBe(normal.totalMaintenance);
    expect(speculator.totalInitial).toBe(speculator.totalMaintenance * 1.1);
    await expect(readSpanFile(samplePath, { accountType: "Q" })).rejects.toThrow("no account type Q; it has N, S");
  });

  it("subtracts the value of premium-style options and floors a short one at its minimum", async () => {
    const file = await readSpanFile(samplePath);
    const short = marginOnSpanFile(file, new Map([["NSE:NIFTY:OOP:20260630:P:23000", -1]])).commodities[0]!;
    expect(short.netOptionValue).toBe(-61.05);
    expect(short.shortOptionMinimum).toBe(150);
    expect(short.totalMaintenance).toBe(Math.max(short.commodityRisk, 150) + 61.05);
  });

  it("gives the same whatever the pieces it arrives in, plain or gzipped, whole or one commodity", async () => {
    const whole = await readSpanFile(samplePath);
    const text = [...writeSpanFile(whole, "202606250000")].join("");
    expect(await parseSpanFile(pieces(text, 7))).toEqual(await parse(text));
    const gzipped = join(folder, "sample.spn.gz");
    writeFileSync(gzipped, gzipSync(text));
    expect(await readSpanFile(gzipped)).toEqual(await parse(text));
    const one = await readSpanFile(samplePath, { combinedCommodities: new Set(["BANKNIFTY"]) });
    expect([...one.contracts.keys()]).toEqual(["NSE:BANKNIFTY:FUT:20260630"]);
    expect(one.interSpreads).toEqual([]);
  });

  it("names what is wrong with a file", async () => {
    const text = readFileSync(samplePath, "utf8");
    await expect(parse(text.slice(0, 3000))).rejects.toThrow(SpanFileError);
    await expect(parse(text.replace("<a>8.72</a>", ""))).rejects.toThrow("has 15 values; the file has 16 scenarios");
    await expect(parse(text.replace("<a>8.72</a>", "<a>much</a>"))).rejects.toThrow('<a> is "much"; give a number');
    await expect(parse(text.replace("<wfprMeth>NORMAL", "<wfprMeth>GUESS"))).rejects.toThrow(
      "<wfprMeth> of NIFTY is GUESS",
    );
    await expect(parse(text.replace("<pairedPoint>2<", "<pairedPoint>99<"))).rejects.toThrow("there is no such point");
    await expect(parse("<spanFile><x><y>1</y></x></spanFile>")).rejects.toThrow("no <pointDef>");
    const held = new Map([["NSE:NIFTY:FUT:20260630", 1]]);
    const marginOf = async (changed: string) => marginOnSpanFile(await parse(changed), held);
    await expect(
      marginOf(text.replace("<cc>BANKNIFTY</cc><tn>2</tn>", "<cc>BANKNIFTY</cc><tn>9</tn>")),
    ).rejects.toThrow("BANKNIFTY calendar spread 1 has tier 9; it must be a tier of BANKNIFTY");
    await expect(marginOf(text.replace("<cc>BANKNIFTY</cc><tn>0</tn>", "<cc>GONE</cc><tn>0</tn>"))).rejects.toThrow(
      "a leg in GONE; it must be a commodity",
    );
    const twice = (change: (future: string) => string) => text.replace(/<fut>.*?<\/fut>/s, (own) => own + change(own));
    await expect(parse(twice((future) => future))).resolves.toBeDefined();
    await expect(parse(twice((future) => future.replace("<a>8.72</a>", "<a>9.72</a>")))).rejects.toThrow(
      "NSE:NIFTY:FUT:20260630 has two risk arrays that differ",
    );
    const file = await parse(text);
    expect(() => marginOnSpanFile(file, new Map([["NSE:NIFTY:FUT:20991231", 1]]))).toThrow(
      "no contract NSE:NIFTY:FUT:20991231",
    );
  });
});

describe("writing our own arrays", () => {
  const range = {
    priceScanRange: 11_200,
    volatilityScanRange: 0.35,
    volatilityScanKind: "relative",
    lookAheadYears: 1 / 365,
  } as const;

  function ownFile(): SpanFile {
    const quotes = [
      quotedPerpetual({ instrumentId: "BTC-PERP", underlying: "BTC" }, 70_000.1),
      quotedFuture({ instrumentId: "BTC-FUT", underlying: "BTC", expiryMs: expiryInDays(50) }, 71_234.56),
      ...[7, 50].flatMap((days) =>
        [60_000, 70_000, 80_000].flatMap((strike) =>
          (["call", "put"] as const).map((optionType) =>
            quotedOption(
              {
                instrumentId: `BTC-${days}-${strike}-${optionType}`,
                underlying: "BTC",
                optionType,
                strike,
                expiryMs: expiryInDays(days),
              },
              70_500,
              0.62,
            ),
          ),
        ),
      ),
    ];
    const contracts = quotes.map((quoted): SpanFileContract => {
      const { instrument } = quoted;
      return {
        ...buildSpanContract(quoted, "BTC", spanGrid16, range, asOfMs),
        exchange: "",
        productCode: "BTC & co",
        productType: instrument.kind === "option" ? "OOP" : "FUT",
        strike: instrument.kind === "option" ? instrument.strike : null,
        price: quoted.markPrice,
        contractValueFactor: instrument.contractSize,
      };
    });
    const leg = (period: string, side: "A" | "B") => ({
      combinedCommodity: "BTC",
      tier: 0,
      period,
      deltaPerSpread: 1,
      side,
    });
    return {
      businessDate: "20260205",
      isSettlement: true,
      clearingOrganisation: "PLIMSOLL",
      grid: spanGrid16,
      commodities: [
        {
          combinedCommodity: "BTC",
          currency: "USD",
          priceScanRange: range.priceScanRange,
          weightedPriceRiskMethod: "scan_range_cap",
          intraTiers: [{ tier: 1, firstPeriod: "00000000", lastPeriod: "20261231" }],
          interTiers: [],
          intraSpreads: [
            {
              priority: 1,
              chargeMethod: "flat",
              charge: 123.4567,
              legs: [leg(contracts[1]!.period, "A"), leg("00000000", "B")],
            },
          ],
          deliveryRates: [{ period: contracts[1]!.period, ratePerSpreadDelta: 1.1, ratePerOutrightDelta: 2.2 }],
          shortOptionMinimumRate: 700.7,
          shortOptionMinimumMethod: "maximum",
          initialToMaintenanceRatio: 1.1,
          limitNetOptionValue: true,
        },
      ],
      interSpreads: [],
      contracts: new Map(contracts.map((contract) => [contract.contractId, contract])),
    };
  }

  it("reads back to the same arrays, parameters and margin, to the last bit, for many portfolios", async () => {
    const file = ownFile();
    const readBack = await parse([...writeSpanFile(file, "202602051200")].join(""));
    expect(readBack.commodities).toEqual(file.commodities);
    expect(readBack.grid.scenarios).toEqual(file.grid.scenarios);
    const uniform = seeded(20260205);
    for (let account = 0; account < 50; account += 1) {
      const positions = new Map(
        [...file.contracts.keys()].filter(() => uniform() < 0.4).map((id) => [id, Math.round(20 * uniform()) - 10]),
      );
      if (positions.size === 0) continue;
      const own = computeSpanRequirement(
        [...positions].map(([id, quantity]) => ({ contract: file.contracts.get(id)!, quantity })),
        file,
      );
      expect(marginOnSpanFile(readBack, positions)).toEqual(own);
    }
  });

  it("refuses what it cannot write: a super spread, an array of another length, a figure that is not finite", () => {
    const file = ownFile();
    const write = (changed: Partial<SpanFile>) => [...writeSpanFile({ ...file, ...changed }, "202602051200")];
    const legs = file.commodities[0]!.intraSpreads[0]!.legs;
    expect(() =>
      write({ interSpreads: [{ priority: 1, method: "delta", isSuper: true, creditRate: 0.5, legs }] }),
    ).toThrow("is a super spread");
    const [id, contract] = [...file.contracts][0]!;
    const withContract = (changed: Partial<SpanFileContract>) => new Map([[id, { ...contract, ...changed }]]);
    expect(() => write({ contracts: withContract({ losses: new Float64Array(3) }) })).toThrow("3 array values");
    expect(() => write({ contracts: withContract({ price: Number.NaN }) })).toThrow("it must be finite");
  });
});
