import {
  createMarginEngine,
  curvedPerpetualMark,
  defaultParameters,
  type Instrument,
  isCurvedPerpetual,
  type MarginedPool,
  type MarketSnapshot,
  type QuotedInstrument,
} from "@plimsoll/risk";
import { accountWith, asOfMs, marketSnapshot, quotedOption, quotedPerpetual, underlyingState } from "./market.ts";

const index = 70_000;
const volatility = 0.7;
const base = { underlying: "BTC", settlement: "linear", quoteCurrency: "USD", contractSize: 1 } as const;

function listed(instrument: Instrument): QuotedInstrument {
  if (!isCurvedPerpetual(instrument)) throw new Error(`${instrument.kind} has no model`);
  const markPrice = curvedPerpetualMark(instrument, index, volatility);
  return { instrument, forwardPrice: index, markPrice, markVolatility: volatility, volatilitySource: "mark" };
}

const option = { kind: "perpetual_option", optionType: "call", ...base } as const;
const products: readonly (readonly [name: string, quoted: QuotedInstrument])[] = [
  [
    "perpetual, funding 0.01 % per 8 h",
    {
      ...quotedPerpetual({ instrumentId: "PERPETUAL", underlying: "BTC" }, index),
      funding: { hourlyRate: 0.0000125, cumulative: 0 },
    },
  ],
  [
    "perpetual call 72,000, continuous, 5 d",
    listed({ ...option, instrumentId: "C-5D", strike: 72_000, fundingStyle: "continuous", fundingPeriodDays: 5 }),
  ],
  [
    "everlasting call 72,000, once a day",
    listed({ ...option, instrumentId: "C-1D", strike: 72_000, fundingStyle: "discrete", fundingPeriodDays: 1 }),
  ],
  [
    "power perpetual 2, 0.00001 index² a contract",
    listed({
      kind: "power_perpetual",
      ...base,
      instrumentId: "P-2",
      power: 2,
      fundingPeriodDays: 1,
      contractSize: 1e-5,
    }),
  ],
];

function marginOf(market: MarketSnapshot, instrumentId: string, quantity: number): MarginedPool {
  const quoted = market.instruments.find(({ instrument }) => instrument.instrumentId === instrumentId);
  const positions = [{ instrumentId, quantity, entryPrice: quoted?.markPrice ?? Number.NaN }];
  const result = createMarginEngine(market, defaultParameters).margin(accountWith({ positions }));
  if (result.status !== "margined") throw new Error(`${result.code}: ${result.value}`);
  return result;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const align = head.map((_name, column) => (column === 0 ? "---" : "---:"));
  return [head, align, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function figure(value: number, decimals = 2): string {
  const text = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

function productTable(): string {
  const market = marketSnapshot(
    [underlyingState("BTC", index)],
    products.map(([, quoted]) => quoted),
  );
  return table(
    ["one contract", "mark × size", "delta", "vega a point", "theta a day", "initial long", "initial short"],
    products.map(([name, { instrument, markPrice }]) => {
      const long = marginOf(market, instrument.instrumentId, 1);
      const greeks = long.units[0]?.greeks ?? { delta: Number.NaN, vega: Number.NaN, theta: Number.NaN };
      return [
        name,
        figure(markPrice * instrument.contractSize),
        figure(greeks.delta, 4),
        figure(greeks.vega),
        figure(greeks.theta),
        figure(long.initialMargin),
        figure(marginOf(market, instrument.instrumentId, -1).initialMargin),
      ];
    }),
  );
}

function windowTable(): string {
  return table(
    ["minutes left", "forward", "settles at", "delta", "initial margin, one short"],
    [31, 30, 20, 10, 1].map((minutes) => {
      const expiryMs = asOfMs + minutes * 60_000;
      const terms = { instrumentId: "CALL", underlying: "BTC", optionType: "call", strike: 69_000, expiryMs } as const;
      const call = quotedOption({ ...terms, settlementWindowMinutes: 30 }, index, volatility);
      const averages = [{ underlying: "BTC", expiryMs, averagePrice: 69_700 }];
      const market = { ...marketSnapshot([underlyingState("BTC", index)], [call]), settlementAverages: averages };
      const short = marginOf(market, "CALL", -1);
      const left = Math.min(1, minutes / 30);
      return [
        String(minutes),
        figure(index),
        figure(69_700 * (1 - left) + index * left),
        figure(-(short.units[0]?.greeks.delta ?? Number.NaN), 4),
        figure(short.initialMargin),
      ];
    }),
  );
}

/** Returns the tables of the worked examples of docs/methods/products.md, by name. */
export function productExamples(): Readonly<Record<string, string>> {
  return { kinds: productTable(), "settlement window": windowTable() };
}
