import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  hasStrike,
  type Instrument,
  isDated,
  type ProductKind,
  type ProductTraits,
  productTraits,
} from "@plimsoll/risk";
import { afterAll, describe, expect, it } from "vitest";
import { filesUnder, root, textOf } from "../support/repository.ts";
import { type RecipeStep, SourceCopy } from "../support/source-copy.ts";
import { roomFolders } from "../support/syntax.ts";

/** Files that may test a kind or look for a member, and of what: none of them asks what a product is like. */
const testingFiles: Readonly<Record<string, string>> = {
  "packages/backtest/src/candles.ts": "a series of prices: spot, perpetual or volatility",
  "packages/backtest/src/history.ts": "a series of prices",
  "packages/backtest/src/holding.ts": "a leg of a template, of which an instrument is built",
  "packages/backtest/src/templates.ts": "a leg of a template",
  "packages/markets/src/quote-file.ts": "a quote, of an index, an average or an instrument",
  "packages/span-files/src/write-span-file.ts": "a contract of a SPAN file",
  "packages/cli/src/start/market-motion.ts": "a quote, of an average or of an instrument, that has an expiry",
  "packages/conformance/src/grids/portfolios.ts": "a row of a case file",
  "packages/risk/src/methods/span/requirement.ts": "a contract of a SPAN file",
  "packages/app/src/quotes/arrange-quotes.ts": "a quote, of an average or of an instrument, that has an expiry",
};

const kinds = Object.keys(productTraits).join("|");
const members =
  "strike|optionType|option_type|expiryMs|expiry|settlementWindowMinutes|fundingStyle|fundingPeriodDays|power";

/** A kind that is compared, switched over or looked for in a list, and a member that is looked for. */
const kindTest = new RegExp(
  [
    `\\bkind\\s*\\)?\\s*[=!]==?\\s*"(${kinds})"`,
    `"(${kinds})"\\s*[=!]==?`,
    `\\bcase "(${kinds})":`,
    // A list, in brackets of any kind, that is asked at once or made a set.
    `\\[[^\\[\\]]*"(${kinds})"[^\\[\\]]*\\](\\s+as [^)]*\\))?\\s*\\)?\\s*\\.(includes|indexOf|some|find|every)\\(`,
    `\\bnew Set(<[^(]*>)?\\(\\s*\\[[^\\[\\]]*"(${kinds})"`,
    `"(${members})" in `,
  ].join("|"),
);

describe("facts of a product", () => {
  // Seen to fail with `instrument.kind !== "option"` in methods/presets/okx.ts, and with `["option", "future"].includes(kind)`
  // and a set of these in pricing/payoff.ts.
  it("come from the table of traits: only the listed files test a kind, and these of something else", () => {
    const found = roomFolders.flatMap(filesUnder).filter((path) => kindTest.test(textOf(path)));
    expect(found.toSorted()).toEqual(Object.keys(testingFiles).toSorted());
  });

  it("are all said of every product: a table that lacks one does not compile", () => {
    const { option, ...others } = productTraits;
    // @ts-expect-error an option has no row
    const lacking: Readonly<Record<ProductKind, ProductTraits>> = others;
    expect({ ...lacking, option }).toEqual(productTraits);
  });

  it("are those of its terms: what is dated has an expiry, and what has a strike has one and a side", () => {
    // The types of the rows decide these two; a row that says otherwise than its interface fails the types.
    const expiryOf = (instrument: Instrument) => (isDated(instrument) ? instrument.expiryMs : null);
    const strikeOf = (instrument: Instrument) =>
      hasStrike(instrument) ? `${instrument.optionType} ${instrument.strike}` : null;
    const base = {
      instrumentId: "X",
      underlying: "X",
      settlement: "linear",
      quoteCurrency: "USD",
      contractSize: 1,
    } as const;
    const call = { ...base, optionType: "call", strike: 5 } as const;
    const period = { ...base, fundingPeriodDays: 1 } as const;
    const instruments: { readonly [Kind in ProductKind]: Instrument } = {
      option: { ...call, kind: "option", expiryMs: 1 },
      future: { ...base, kind: "future", expiryMs: 1 },
      perpetual: { ...base, kind: "perpetual" },
      perpetual_option: { ...call, ...period, kind: "perpetual_option", fundingStyle: "discrete" },
      power_perpetual: { ...period, kind: "power_perpetual", power: 2 },
    };
    expect(Object.values(instruments).map((one) => [one.kind, expiryOf(one), strikeOf(one)])).toEqual([
      ["option", 1, "call 5"],
      ["future", 1, null],
      ["perpetual", null, null],
      ["perpetual_option", null, "call 5"],
      ["power_perpetual", null, null],
    ]);
  });
});

/** The files of the recipe, in the order of its table. */
function filesOfRecipe(): string[] {
  const text = readFileSync(join(root, "CONTRIBUTING.md"), "utf8");
  const recipe = text.slice(text.indexOf("### Add a product")).split(/\n#{2,3} /, 1)[0]!;
  return [...recipe.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1]!);
}

/** A perpetual that pays mark less ln(index) once a day: nothing to trade, and enough to show what a product needs. */
const terms: RecipeStep[] = [
  {
    file: "packages/risk/src/model/instrument.ts",
    before: "export type Instrument =",
    text: `export interface LogPerpetualInstrument extends InstrumentBase {
  readonly kind: "log_perpetual";
  readonly fundingPeriodDays: number;
}

`,
  },
  {
    file: "packages/risk/src/model/instrument.ts",
    before: "  | OptionInstrument",
    text: "  | LogPerpetualInstrument\n",
  },
  {
    file: "packages/risk/src/model/product-traits.ts",
    before: "} as const satisfies {",
    text: `  log_perpetual: {
    name: "log perpetual",
    valuation: "perpetual_model",
    isDated: false,
    hasStrike: false,
    isPaidFor: false,
    coinSettledIn: "settlement_currency",
    isSettledByPrice: false,
    funding: "mark_less_payoff",
  },
`,
  },
];

const pricingAndWire: RecipeStep[] = [
  {
    file: "packages/risk/src/perpetuals/log-model.ts",
    before: null,
    text: `import type { LogPerpetualInstrument } from "../model/instrument.ts";
import { log } from "../numbers/index.ts";
import { inMarkUnit, type PerpetualModel } from "./perpetual-model.ts";

export const logPerpetualModel: PerpetualModel<LogPerpetualInstrument> = {
  meanLifeDays: ({ fundingPeriodDays }) => 2 * fundingPeriodDays,
  value: (_, index) => ({ price: log(index), delta: 1 / index, gamma: -1 / index / index, vega: 0 }),
  price: (_, index) => log(index),
  fundingPayoff: (instrument, index) => inMarkUnit(instrument, log(index), index),
  movedMark: (instrument, markPrice, index, _, multiplier) =>
    markPrice + inMarkUnit(instrument, log(index * multiplier), index * multiplier) - inMarkUnit(instrument, log(index), index),
  writePrices(out, offset, _, index, set) {
    for (let s = 0; s < set.scenarioCount; s += 1) out[offset + s] = log(index * set.priceMultiplier[s]!);
  },
  findFault: () => null,
};
`,
  },
  {
    file: "packages/risk/src/perpetuals/quoted-value.ts",
    before: "  perpetual_option: perpetualOptionModel,",
    text: "  log_perpetual: logPerpetualModel,\n",
  },
  {
    file: "packages/risk/src/perpetuals/quoted-value.ts",
    before: 'import { perpetualOptionModel } from "./option-model.ts";',
    text: 'import { logPerpetualModel } from "./log-model.ts";\n',
  },
  {
    file: "packages/schema/src/products.ts",
    before: '  option: z.strictObject({\n    kind: z.literal("option"),\n    ...quotedBase,',
    text: `  log_perpetual: z.strictObject({
    kind: z.literal("log_perpetual"),
    ...quotedBase,
    funding_period_days: fundingPeriodDays,
    mark_volatility: volatility,
    ...cumulativeFunding,
  }),
`,
  },
  {
    file: "packages/schema/src/products.ts",
    before: '  option: z.strictObject({ kind: z.literal("option"), ...storedBase',
    text: '  log_perpetual: z.strictObject({ kind: z.literal("log_perpetual"), ...storedBase, funding_period_days }),\n',
  },
  {
    file: "packages/schema/src/products.ts",
    before: "  option: {\n    read:",
    text: `  log_perpetual: {
    read: (base, quote) => ({ kind: "log_perpetual", ...base, fundingPeriodDays: quote.funding_period_days }),
  },
`,
  },
];

/** Quotes the toy as a source would, reads it with the schema, stores and reads back its snapshot, and margins it. */
const tryOut = `
import { createMarginEngine, defaultParameters, moveUnderlying } from "@plimsoll/risk";
import { decodeSnapshot, encodeSnapshot, nameSnapshot, quote, sourceMarksOf } from "@plimsoll/schema";
const index = 70000;
const read = quote.parse({
  kind: "log_perpetual", instrument_id: "BTC-LOG", underlying: "BTC", settlement: "linear", quote_currency: "USD",
  contract_size: "1000", forward_price: "70000", mark_price: String(Math.log(index)), funding_period_days: 1,
  mark_volatility: "0.7",
});
const { instruments } = sourceMarksOf({ source: "toy", observedAtMs: 0, indexPrice: index }, [read]);
const underlying = {
  underlying: "BTC", indexPrice: index, quality: "good", confidenceWidth: 0, priceAgeMs: 0, qualityReason: null,
};
const named = nameSnapshot({
  asOfMs: Date.UTC(2026, 0, 1), underlyings: [underlying], instruments,
  currencies: [{ currency: "BTC", priceUsd: index }, { currency: "USD", priceUsd: 1 }],
});
const snapshot = decodeSnapshot(encodeSnapshot(named));
const position = { instrumentId: "BTC-LOG", quantity: 2, entryPrice: Math.log(index) };
const account = {
  accountId: "toy", poolCurrency: "USD", methodId: "portfolio", ledgerSequence: 1,
  collateral: [{ asset: "USD", amount: 10000 }], positions: [position],
};
const engine = createMarginEngine(snapshot, defaultParameters);
const [unit] = engine.scenarioLosses(account);
const moved = createMarginEngine(moveUnderlying(snapshot, "BTC", 0.9), defaultParameters).margin(account);
console.log(JSON.stringify({
  result: engine.margin(account),
  other: engine.margin({ ...account, methodId: "standard" }),
  joint: engine.margin({ ...account, methodId: "var" }),
  moves: [...unit.set.priceMultiplier.subarray(0, unit.set.mainCount)], losses: [...unit.losses], equityAfterFall: moved.equity,
}));
`;

describe("the recipe of a product", () => {
  const copy = new SourceCopy("products", { rooms: ["risk", "schema", "ledger", "oracle"] });
  afterAll(() => copy.close());

  it("names files that are there, and about fifteen of them", () => {
    const files = filesOfRecipe();
    expect(files.length).toBeLessThanOrEqual(15);
    expect(files.filter((file) => !existsSync(join(root, file.includes("<") ? dirname(file) : file)))).toEqual([]);
  });

  it("is asked for by the compiler: terms with traits need a model, and a form on the wire", () => {
    copy.apply(terms);
    expect(copy.faultyFiles()).toEqual([
      "packages/risk/src/perpetuals/quoted-value.ts",
      "packages/schema/src/products.ts",
    ]);
  }, 120_000);

  it("is enough: with the rows and the pricing it compiles, is read, stored and margined", async () => {
    copy.apply(pricingAndWire);
    expect(copy.faultyFiles()).toEqual([]);
    const { result, other, joint, moves, losses, equityAfterFall } = JSON.parse(await copy.run(tryOut));
    expect(result).toMatchObject({ status: "margined", equity: 10_000 });
    expect(result.initialMargin).toBeGreaterThan(0);
    // 2 contracts of 1,000 units of ln(index): a move by m loses -2,000 ln(m).
    for (const [s, multiplier] of moves.entries()) expect(losses[s]).toBeCloseTo(-2_000 * Math.log(multiplier), 6);
    expect(equityAfterFall).toBeCloseTo(10_000 + 2_000 * Math.log(0.9), 6);
    expect(other).toMatchObject({ status: "not_margined", code: "unsupported_instrument" });
    expect(other.value).toContain("standard has no rule for a log perpetual");
    expect(joint.status).toBe("margined");
  }, 120_000);

  it("touches in the source what its first rows name", () => {
    const touched = [...terms, ...pricingAndWire].map(({ file }) => file.replace("log-model.ts", "<name>-model.ts"));
    expect([...new Set(touched)].sort()).toEqual(filesOfRecipe().slice(0, 5).toSorted());
  });
});
