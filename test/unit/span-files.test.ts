import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { buildSpanContract, buildSpanGrid, computeSpanRequirement } from "@plimsoll/risk";
import {
  marginOnSpanFile,
  parseSpanFile,
  readSpanFile,
  type SpanFile,
  type SpanFileContract,
  SpanFileError,
  writeSpanFile,
} from "@plimsoll/span-files";
import { afterAll, describe, expect, it } from "vitest";
import { productsLimit } from "../../packages/span-files/src/read-contracts.ts";
import { unpackedRatioLimit } from "../../packages/span-files/src/span-file-text.ts";
import {
  childrenLimit,
  keptBytesLimit,
  nestingLimit,
  partsLimit,
  textLimit,
} from "../../packages/span-files/src/xml-elements.ts";
import { readFixtureJson } from "../support/fixtures.ts";
import { asOfMs, expiryInDays, quotedFuture, quotedOption, quotedPerpetual } from "../support/market.ts";
import { seeded } from "../support/seeded.ts";
import { spanSchemaFaults } from "../support/span-schema.ts";

/** The current CME grid. */
const spanGrid16 = buildSpanGrid(3, 0.33);

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
    await expect(parse(text.replace("<pairedPoint>2<", "<pairedPoint>99<"))).rejects.toThrow("there is no such point");
    await expect(parse(text.replaceAll("<numerator>0<", "<numerator>1<"))).rejects.toThrow("leaves the price where it");
    await expect(parse(text.replace("<denominator>3<", "<denominator>0<"))).rejects.toThrow("<denominator> is 0");
    await expect(parse("<spanFile><x><y>1</y></x></spanFile>")).rejects.toThrow("no <pointDef>");
    const held = new Map([["NSE:NIFTY:FUT:20260630", 1]]);
    const marginOf = async (changed: string) => marginOnSpanFile(await parse(changed), held);
    await expect(marginOf(text.replace("<a>8.72</a>", ""))).rejects.toThrow("has 15 values; the file has 16 scenarios");
    const faults = [
      ["<wfprMeth>NORMAL", "<wfprMeth>GUESS", "<wfprMeth> is GUESS; known are NORMAL, SCANRANGE, SCANRANGE_CAP"],
      ["<somMeth>GROSS", "<somMeth>NET", "<somMeth> is NET; known are GROSS, MAX"],
      ["<r>2</r><baseR>1</baseR><val>1.0", "<r>2</r><baseR>1</baseR><val>0.9", "initialToMaintenanceRatio 0.9"],
      ["<val>425.0", "<val>-425.0", "NIFTY calendar spread 1 has charge -425; it must be at least 0"],
      ["<rate><r>1</r><val>425.000000</val></rate>", "", "dSpread[spread=1]: the spread has no <rate>"],
      ["<chargeMeth>F", "<chargeMeth>P", "dSpread[spread=1]: <chargeMeth> is P; known are F, W"],
      ["<rs>A</rs><i>1.0", "<rs>C</rs><i>1.0", "pLeg[cc=NIFTY]: <rs> is C; known are A, B"],
      ["<rs>A</rs><i>1.0", "<rs>A</rs><i>0.0", "has deltaPerSpread 0; it must be above 0"],
      ["<sc>1.00000</sc><cmbMeth>", "<sc>1e400</sc><cmbMeth>", '<sc> is "1e400"; give a number of at most'],
      ["pLeg>", "rpLeg>", "rpLeg[cc=NIFTY]: a spread with <rpLeg> is not known here"],
      ["<ccDef><cc>BANKNIFTY<", "<ccDef><cc>NIFTY<", "the combined commodity NIFTY is defined twice"],
    ] as const;
    for (const [from, to, message] of faults) {
      const error = await marginOf(text.replaceAll(from, to)).then(undefined, (thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(SpanFileError);
      const said = (error as SpanFileError).message;
      expect(said).toContain(message);
      expect(said).toMatch(/^line \d+: spanFile\/pointInTime\[date=20260625\]\/clearingOrg\[ec=NSCCL\]\/ccDef\[cc=/);
      expect(said).not.toContain("\n");
    }
    const twice = (change: (future: string) => string) => text.replace(/<fut>.*?<\/fut>/s, (own) => own + change(own));
    await expect(parse(twice((future) => future))).resolves.toBeDefined();
    await expect(marginOf(twice((future) => future.replace("<a>8.72</a>", "<a>9.72</a>")))).rejects.toThrow(
      "NSE:NIFTY:FUT:20260630 has two risk arrays that differ",
    );
    const file = await parse(text);
    expect(() => marginOnSpanFile(file, new Map([["NSE:NIFTY:FUT:20991231", 1]]))).toThrow(
      "no contract NSE:NIFTY:FUT:20991231",
    );
  });
});

describe("what XML allows", () => {
  const held = new Map([["NSE:NIFTY:FUT:20260630", 1]]);
  const text = readFileSync(samplePath, "utf8");
  const marginOf = async (changed: string) => marginOnSpanFile(await parse(changed), held);

  it("reads CDATA as text", async () => {
    const wrapped = text.replace(/>([^<>\n]+)<\//g, "><![CDATA[$1]]></");
    expect(wrapped).not.toBe(text);
    const split = text.replace("<cc>NIFTY</cc>", "<cc>NI<![CDATA[FT]]>Y</cc>");
    const expected = await marginOf(text);
    expect(await marginOf(wrapped)).toEqual(expected);
    expect(await marginOf(split)).toEqual(expected);
  });

  it("reads true and false as 1 and 0, and refuses what is no truth value", async () => {
    const words = text.replace(/<(isM|isSetl|capAnov)>(\d)</g, (_, name, digit) => `<${name}>${digit === "1"}<`);
    expect((await parse(words)).commodities).toEqual((await parse(text)).commodities);
    expect((await parse(text.replace("<isSetl>0<", "<isSetl>true<"))).isSettlement).toBe(true);
    const speculator = (changed: string) => parseSpanFile(pieces(changed, 1 << 16), { accountType: "S" });
    expect((await speculator(words)).commodities[0]?.initialToMaintenanceRatio).toBe(1.1);
    const ofNifty = (value: string) => text.replace(/(<cc>NIFTY<.*?<capAnov>)0/, `$1${value}`);
    expect((await parse(ofNifty("true"))).commodities.map((one) => one.limitNetOptionValue)).toEqual([true, false]);
    await expect(marginOf(ofNifty("yes"))).rejects.toThrow("<capAnov> is yes; known are true, 1, false, 0");
    await expect(parse(text.replace("<isSetl>0<", "<isSetl>TRUE<"))).rejects.toThrow("<isSetl> is TRUE; known are");
    const unsure = text.replace("<acctType>S</acctType><isM>0<", "<acctType>S</acctType><isM>2<");
    await expect(speculator(unsure)).rejects.toThrow("<isM> is 2; known are");
    expect(await marginOf(unsure)).toEqual(await marginOf(text));
  });
});

describe("rows that positions do not need", () => {
  const held = new Map([["NSE:NIFTY:FUT:20260630", 75]]);
  const nonsense = ["x", "", "-1", "1e400", "0", "99"];

  it("skips a contract without a risk array, and refuses one that is held by name", async () => {
    const file = await readSpanFile(samplePath);
    expect(file.withoutArray).toEqual(["NSE:NIFTY:PHY:00000000", "NSE:BANKNIFTY:PHY:00000000"]);
    expect(() => marginOnSpanFile(file, new Map([["NSE:NIFTY:PHY:00000000", 1]]))).toThrow(
      "NSE:NIFTY:PHY:00000000 has no risk array <ra>",
    );
  });

  // Each row of BANKNIFTY, and each spread between it and NIFTY, once without each element and once with nonsense in it.
  it("gives the same margin whatever the rows of a commodity that is not held say", async () => {
    const text = readFileSync(samplePath, "utf8");
    const expected = marginOnSpanFile(await parse(text), held);
    const from = text.indexOf("<ccDef><cc>BANKNIFTY");
    const without = (index: number, row: string, other = "") =>
      text.slice(0, from + index) + other + text.slice(from + index + row.length);
    const rows = [...text.slice(from).matchAll(/<(pfLink|adjRate|tier|rate|[td]\w*Tiers|[tp]Leg|dSpread)>.*?<\/\1>/gs)];
    const fields = [...text.slice(from).matchAll(/<(\w+)>([^<]*)<\/\1>/g)];
    const changed = [...rows, ...fields].map(({ 0: row, index }) => without(index, row));
    for (const [count, { 0: row, 1: name, index }] of fields.entries()) {
      changed.push(without(index, row, `<${name}>${nonsense[count % nonsense.length]}</${name}>`));
    }
    changed.push(text.replaceAll("tLeg>", "rpLeg>"), text.replaceAll("<cc>BANKNIFTY</cc><tn>", "<cc>GONE</cc><tn>"));
    changed.push(text.replace("</tLeg></dSpread>\n</ccDef>", "</tLeg></dSpread><spotRate><r>1</r></spotRate></ccDef>"));
    expect(changed.length).toBeGreaterThan(100);
    for (const other of changed) expect(marginOnSpanFile(await parse(other), held)).toEqual(expected);
  });

  it("ends in a result or a SpanFileError of one line, whichever field of the file is nonsense", async () => {
    const text = readFileSync(samplePath, "utf8");
    const leaves = [...text.matchAll(/<(\w+)>([^<]*)<\/\1>/g)];
    for (const [count, { 0: leaf, 1: name, index }] of leaves.entries()) {
      const other = `<${name}>${nonsense[count % nonsense.length]}</${name}>`;
      try {
        const file = await parse(text.slice(0, index) + other + text.slice(index + leaf.length));
        const { currencies } = marginOnSpanFile(file, held);
        for (const { totalInitial } of currencies) expect(totalInitial).toBeTypeOf("number");
      } catch (error) {
        if (!(error instanceof SpanFileError)) throw new Error(`${other} at ${index}`, { cause: error });
        expect(error.message).not.toContain("\n");
      }
    }
  }, 30_000);

  // Each of these stood in the way of the whole file, for holders of other commodities too.
  it("makes a contract that cannot be read a fault of its holders and of its commodity's alone", async () => {
    const text = readFileSync(samplePath, "utf8");
    const bank = new Map([["NSE:BANKNIFTY:FUT:20260630", 1]]);
    const option = new Map([["NSE:NIFTY:OOP:20260630:C:24000", 1]]);
    const marginOf = async (changed: string, positions: ReadonlyMap<string, number>, isChosen: boolean) => {
      const file = await parseSpanFile(
        pieces(changed, 1 << 16),
        isChosen ? { contractIds: new Set(positions.keys()) } : {},
      );
      return marginOnSpanFile(file, positions);
    };
    const expected = await marginOf(text, bank, false);
    const futures = "</fut>\n</futPf>\n<futPf><pfId>140<";
    for (const [from, to, message, holders] of [
      ["<o>C</o>", "<o>X</o>", "<o> is X; known are C, P", [held, option]],
      ["<k>24000.00<", "<k>many<", '<k> is "many"', [held, option]],
      ["<pfId>492</pfId>", "", "<oopPf> has no <pfId>", [option]],
      ["<pfId>492</pfId><pfCode>NIFTY</pfCode>", "<pfId>492</pfId>", "<oopPf> has no <pfCode>", [held]],
      ["<series><pe>20260630</pe>", "<series>", "<series> has no <pe>", [held, option]],
      ["<priceScan>2234.01<", "<priceScan>x<", '<priceScan> is "x"', [held, option]],
      [
        futures,
        `</fut><domain>X</domain></futPf>${futures.slice(15)}`,
        "futPf[pfCode=NIFTY]: it states",
        [held, option],
      ],
      ["<cvf>1.00</cvf><sc>1.00000</sc><undC>", "<cvf>x</cvf><undC>", '<cvf> is "x"', [held, option]],
      ["<a>-60.10</a>", "<a>much</a>", '<a> is "much"; give a number', [option]],
      ["<a>-60.10</a>", "", "has 15 values; the file has 16 scenarios", [option]],
      ["<p>374.30<", "<p>N/A<", '<p> is "N/A"', [option]],
      ["<p>24050.35<", "<p>N/A<", null, []],
    ] as const) {
      const changed = text.replace(from, to);
      expect(changed).not.toBe(text);
      for (const isChosen of [true, false]) {
        expect(await marginOf(changed, bank, isChosen)).toEqual(expected);
        for (const positions of holders) {
          await expect(marginOf(changed, positions, isChosen)).rejects.toThrow(message);
        }
      }
    }
  });

  it("counts contracts without an array that nobody asked for, and keeps the names of few", async () => {
    const text = readFileSync(samplePath, "utf8");
    const [family] = /<futPf><pfId>491<.*?<undPf>/s.exec(text)!;
    const bare = Array.from({ length: 5000 }, (_, index) => `<fut><cId>${index}</cId><pe>${index}</pe></fut>`).join("");
    const withBare = (pfId: number) =>
      text.replace(family, `${family.replace("491", `${pfId}`).replace("<undPf>", bare)}</futPf>${family}`);
    const readFor = (changed: string) =>
      parseSpanFile(pieces(changed, 1 << 16), { contractIds: new Set([...held.keys(), "NSE:NIFTY:FUT:4321"]) });
    const own = await readFor(withBare(491));
    expect(own.withoutArray).toEqual([
      "NSE:NIFTY:PHY:00000000",
      ...["0", "1", "2", "4321"].map((period) => `NSE:NIFTY:FUT:${period}`),
    ]);
    expect(own.moreWithoutArray).toBe(5000 - 4);
    const whole = await parse(withBare(491));
    expect([whole.withoutArray.length, whole.moreWithoutArray]).toEqual([5002, 0]);
    // Those of a commodity that nobody holds are neither named nor counted.
    const elsewhere = await parseSpanFile(pieces(withBare(7777), 1 << 16), { contractIds: new Set(held.keys()) });
    expect([elsewhere.withoutArray.length, elsewhere.moreWithoutArray]).toEqual([1, 0]);
  });

  it("keeps only the contracts asked for, with the parameters that all of them have", async () => {
    const whole = await readSpanFile(samplePath);
    const [contractId] = held.keys();
    const one = await readSpanFile(samplePath, { contractIds: new Set(held.keys()) });
    expect([...one.contracts.keys()]).toEqual([contractId]);
    expect(one.commodities).toEqual([whole.commodities[0]]);
    expect(marginOnSpanFile(one, held)).toEqual(marginOnSpanFile(whole, held));
    expect(() => marginOnSpanFile(one, new Map([["NSE:NIFTY:FUT:20260729", 1]]))).toThrow(
      "the nearest known: NSE:NIFTY:FUT:20260728",
    );
    // Commodities first, as no schema has them: nothing can be passed over, and nothing changes.
    const text = readFileSync(samplePath, "utf8");
    const exchange = /<exchange>.*<\/exchange>\n/s.exec(text)![0];
    const reordered = text.replace(exchange, "").replace("</clearingOrg>", `${exchange}</clearingOrg>`);
    const early = await parseSpanFile(pieces(reordered, 1 << 16), { contractIds: new Set(held.keys()) });
    expect(marginOnSpanFile(early, held)).toEqual(marginOnSpanFile(whole, held));
  });

  it("passes over what a business function says of the same commodities", async () => {
    const text = readFileSync(samplePath, "utf8");
    const [definition] = /<ccDef>.*?<\/ccDef>/s.exec(text)!;
    const agreement = `<businessFunction><ec>X</ec>${definition.replace("425", "999")}</businessFunction>`;
    const both = await parse(text.replace("</clearingOrg>", `</clearingOrg>${agreement}`));
    expect(both).toEqual(await parse(text));
  });
});

describe("files that cannot hurt", () => {
  async function* endless(
    start: string,
    piece: string,
    taken: { pieces: number },
    most = Number.POSITIVE_INFINITY,
  ): AsyncGenerator<string> {
    yield start;
    while (taken.pieces < most) {
      taken.pieces += 1;
      yield piece;
    }
  }

  it("refuses nesting, a text without end and an array without end as soon as they pass their limit", async () => {
    for (const [start, piece, most, message] of [
      ["", "<a>".repeat(20_000), 1, `line 1: elements are nested more than ${nestingLimit} deep`],
      ["<spanFile>", " ".repeat(1 << 20), 18, `line 1: more than ${textLimit} characters without a tag`],
      ["<spanFile><!-- ", " ".repeat(1 << 20), 18, `line 1: more than ${textLimit} characters without a tag`],
      ["<spanFile>", "<a>1</a>".repeat(1000), 11, `line 1: <spanFile> has more than ${partsLimit} numbers or fields`],
    ] as const) {
      const taken = { pieces: 0 };
      await expect(parseSpanFile(endless(start, piece, taken))).rejects.toThrow(message);
      expect(taken.pieces).toBeLessThanOrEqual(most);
    }
  });

  it("refuses siblings without end, and rows without end, before they fill the memory", async () => {
    const tier = "<tier><tn>1</tn></tier>".repeat(10_000);
    const start = "<spanFile><pointInTime><clearingOrg>";
    const commodity = `<ccDef><cc>X</cc><scanTiers>${tier}</scanTiers></ccDef>`;
    const text = `<ccDef><cc>${"x".repeat(1 << 20)}</cc></ccDef>`;
    const spread = `<dSpread><spread>${"x".repeat(1 << 20)}</spread></dSpread>`;
    const siblings = `<scanTiers> has more than ${childrenLimit} elements that are kept`;
    const bytes = `what is needed of the file takes more than ${keptBytesLimit} bytes of memory`;
    for (const [before, piece, most, message] of [
      [`${start}<ccDef><scanTiers>`, tier, 11, siblings],
      [start, commodity, 70, bytes],
      [start, `<interSpreads>${spread}</interSpreads>`, 130, bytes],
      ["<spanFile><pointInTime>", `<clearingOrg>${text}</clearingOrg>`, 130, bytes],
    ] as const) {
      const taken = { pieces: 0 };
      await expect(parseSpanFile(endless(before, piece, taken, 2 * most))).rejects.toThrow(message);
      expect(taken.pieces).toBeLessThanOrEqual(most);
    }
  }, 60_000);

  it("refuses products and commodities without end", async () => {
    const start = "<spanFile><pointInTime><clearingOrg><exchange><exch>X</exch>";
    const families = "<futPf><pfId>1</pfId></futPf>".repeat(10_000);
    const commodities = "<ccDef><cc>X</cc><pfLink><pfId>1</pfId></pfLink></ccDef>".repeat(10_000);
    for (const [before, piece, most] of [
      [start, families, 21],
      ["<spanFile><pointInTime><clearingOrg>", commodities, 11],
    ] as const) {
      const taken = { pieces: 0 };
      await expect(parseSpanFile(endless(before, piece, taken, 2 * most))).rejects.toThrow(
        `the file has more than ${productsLimit} products, commodities and links between them`,
      );
      expect(taken.pieces).toBeLessThanOrEqual(most);
    }
  }, 60_000);

  it("refuses a gzip bomb by its ratio, long before it is unpacked", async () => {
    const bomb = join(folder, "bomb.spn.gz");
    const rows = Buffer.from("<exchange><exch>NSE</exch></exchange>\n".repeat(20_000));
    const packed = gzipSync(Buffer.concat(Array.from({ length: 100 }, () => rows)), { level: 9 });
    // Members of a gzip file follow one another: 30 times 76 MB in less than 7 MB.
    writeFileSync(bomb, Buffer.concat([gzipSync("<spanFile>"), ...Array.from({ length: 30 }, () => packed)]));
    const before = process.cpuUsage();
    await expect(readSpanFile(bomb)).rejects.toThrow(
      `the file is gzip that unpacks to more than ${unpackedRatioLimit} times its size`,
    );
    const { user, system } = process.cpuUsage(before);
    expect(user + system).toBeLessThan(10e6);
  });

  it("says in one line that a file is missing, empty, damaged or a zip archive", async () => {
    const damaged = gzipSync(readFileSync(samplePath)).subarray(0, 1000);
    for (const [name, content, message] of [
      ["gone.spn", null, "the file cannot be read (ENOENT"],
      ["empty.spn", "", "the file is empty"],
      ["cut.spn.gz", damaged, "the file is gzip that is cut off or damaged"],
      ["packed.spn", Buffer.from("PK\u0003\u0004 and so on"), "the file is a zip archive: unpack it first"],
    ] as const) {
      if (content !== null) writeFileSync(join(folder, name), content);
      const error = await readSpanFile(join(folder, name)).then(undefined, (thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(SpanFileError);
      expect((error as SpanFileError).message).toContain(message);
    }
    // What is packed is seen in the file, not in its name.
    const unnamed = join(folder, "unnamed.spn");
    writeFileSync(unnamed, gzipSync(readFileSync(samplePath)));
    expect(await readSpanFile(unnamed)).toEqual(await readSpanFile(samplePath));
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
        productCode: `"BTC" & <co>'s`,
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

  const leg = (combinedCommodity: string, side: "A" | "B") =>
    ({ combinedCommodity, tier: 0, period: null, deltaPerSpread: 1.5, side }) as const;
  const spread = { priority: 1, isSuper: false, creditRate: 0.5, legs: [leg("BTC", "A"), leg("ETH", "B")] };
  const interSpreads = [
    { ...spread, method: "delta", isSuper: true },
    { ...spread, method: "delta" },
    { ...spread, method: "flat", priority: 2, creditRate: 55 },
    { ...spread, method: "scanning", priority: 3, legs: spread.legs.map((own) => ({ ...own, deltaPerSpread: 1 })) },
  ] as const;

  /** Two commodities with every kind of product and spread there is. */
  function fullFile(): SpanFile {
    const file = ownFile();
    const [own] = file.commodities;
    const types = ["PHY", "EQTY", "FUT", "OOP", "OOF", "OOE", "OOC"] as const;
    const others = [...file.contracts.values()].slice(0, types.length).map((contract, index): SpanFileContract => {
      const productType = types[types.length - 1 - index]!;
      const kind = productType === "FUT" ? "future" : productType.startsWith("OO") ? "option" : "physical";
      const optionType = kind === "option" ? "put" : null;
      const contractId = `ETH-${productType}`;
      const strike = kind === "option" ? 100 + index : null;
      return {
        ...contract,
        contractId,
        combinedCommodity: "ETH",
        exchange: "X",
        productType,
        kind,
        optionType,
        strike,
      };
    });
    return {
      ...file,
      commodities: [own!, { ...own!, combinedCommodity: "ETH", intraSpreads: [], deliveryRates: [] }],
      interSpreads,
      contracts: new Map([...file.contracts, ...others.map((contract) => [contract.contractId, contract] as const)]),
    };
  }

  it("has the elements that CME's schema asks for, in its order, as the sample has", () => {
    const sample = readFileSync(samplePath, "utf8");
    expect(spanSchemaFaults(sample)).toEqual([]);
    expect(spanSchemaFaults([...writeSpanFile(ownFile(), "202602051200")].join(""))).toEqual([]);
    expect(spanSchemaFaults([...writeSpanFile(fullFile(), "202602051200")].join(""))).toEqual([]);
    for (const [row, lacking] of [
      ["<isCust>1</isCust>", ""],
      ["<finalizeMeth>BY</finalizeMeth>", ""],
      ["<pointDef><r>1</r>", "<pointDef>"],
      ["<cab>0.00000</cab>", ""],
    ] as const) {
      expect(spanSchemaFaults(sample.replace(row, lacking))).toHaveLength(1);
    }
    const [definition] = /<ccDef>.*?<\/ccDef>\n/s.exec(sample)!;
    const moved = sample.replace(definition, "").replace("<exchange>", `${definition}<exchange>`);
    expect(spanSchemaFaults(moved)).toEqual([expect.stringMatching(/^spanFile\/pointInTime\/clearingOrg: ec name/)]);
  });

  it("reads back super spreads, spreads of every method and every kind of product", async () => {
    const file = fullFile();
    const readBack = await parse([...writeSpanFile(file, "202602051200")].join(""));
    expect(readBack.faults).toEqual([]);
    expect(readBack.withoutArray).toEqual([]);
    expect(readBack.interSpreads).toEqual(interSpreads);
    expect([...readBack.contracts.keys()].toSorted()).toEqual([...file.contracts.keys()].toSorted());
    for (const [id, { losses, kind, strike, combinedCommodity }] of file.contracts) {
      expect(readBack.contracts.get(id)).toMatchObject({ losses, kind, strike, combinedCommodity });
    }
  });

  it("refuses what it cannot write: an array of another length, a figure that is not finite", () => {
    const file = ownFile();
    const write = (changed: Partial<SpanFile>) => [...writeSpanFile({ ...file, ...changed }, "202602051200")];
    const [id, contract] = [...file.contracts][0]!;
    const withContract = (changed: Partial<SpanFileContract>) => new Map([[id, { ...contract, ...changed }]]);
    expect(() => write({ contracts: withContract({ losses: new Float64Array(3) }) })).toThrow("3 array values");
    expect(() => write({ contracts: withContract({ price: Number.NaN }) })).toThrow("it must be finite");
  });
});
