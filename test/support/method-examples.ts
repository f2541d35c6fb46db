import {
  adjustedEquity,
  binanceAccountRatio,
  bracketedMaintenance,
  buildSpanBook,
  buildTimsPoints,
  bybitMajor,
  bybitStandardOptions,
  computeAccountRatio,
  computeBybitRequirement,
  computeDeribitRequirement,
  computeOkxRequirement,
  computeParadexRequirement,
  computeSpanRequirement,
  computeStandardRequirement,
  computeTimsPnl,
  computeTimsProductGroup,
  defaultSpanParameters,
  deribitFutureRates,
  deribitPmeBtc,
  deribitStandardOptions,
  type HeldInstrument,
  type MethodId,
  okxMajor,
  type Pool,
  paradexParameters,
  shortOptionMargin,
  timsMinimumCharge,
  timsParameters,
} from "@plimsoll/risk";
import { isolatedTables } from "./isolated-example.ts";
import {
  accountWith,
  asOfMs,
  expiryInDays,
  marketSnapshot,
  quotedFuture,
  quotedOption,
  quotedPerpetual,
  underlyingState,
} from "./market.ts";
import { parameterTables } from "./parameter-examples.ts";
import { varTables } from "./var-example.ts";

const indexPrice = 70_000;

const option = (optionType: "call" | "put", strike: number, volatility: number, quantity: number): HeldInstrument => ({
  quoted: quotedOption(
    { instrumentId: `BTC-${strike}-${optionType}`, underlying: "BTC", optionType, strike, expiryMs: expiryInDays(30) },
    70_300,
    volatility,
  ),
  quantity,
});

/** The book of the worked examples: two short calls, one long put, a long perpetual and a short dated future. */
export const exampleBook: readonly HeldInstrument[] = [
  option("call", 80_000, 0.55, -2),
  option("put", 60_000, 0.6, 1),
  { quoted: quotedPerpetual({ instrumentId: "BTC-PERPETUAL", underlying: "BTC" }, indexPrice), quantity: 1.5 },
  {
    quoted: quotedFuture({ instrumentId: "BTC-FUTURE", underlying: "BTC", expiryMs: expiryInDays(90) }, 70_900),
    quantity: -0.5,
  },
];

function money(amount: number): string {
  const text = Math.abs(amount).toFixed(2);
  return amount < 0 && Number(text) !== 0 ? `−${text}` : text;
}

function percent(fraction: number): string {
  const text = `${Number((Math.abs(fraction) * 100).toFixed(4))} %`;
  return fraction < 0 ? `−${text}` : fraction > 0 ? `+${text}` : text;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const align = head.map((_name, column) => (column === 0 ? "---" : "---:"));
  return [head, align, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

const named = (parts: readonly { readonly name: string; readonly amount: number }[]) =>
  parts.map(({ name, amount }) => [`\`${name}\``, money(amount)]);

function spanTables(): Record<string, string> {
  const book = buildSpanBook(exampleBook, defaultSpanParameters, new Map([["BTC", indexPrice]]), asOfMs);
  const { commodities } = computeSpanRequirement(book.positions, book.parameters);
  const result = commodities[0];
  if (result === undefined) throw new Error("the example has a combined commodity");
  const { scenarios } = book.parameters.grid;
  const pairs = scenarios.filter(({ volatilityFraction }) => volatilityFraction >= 0);
  const moveOf = (fraction: number) => percent(fraction * 0.16);
  return {
    "span-scan": table(
      ["price move", "volatility up", "volatility down"],
      pairs.map(({ number, priceFraction, pairedNumber }) => [
        `${moveOf(priceFraction)}${pairedNumber === null ? ", a third of it" : ""}`,
        `${money(result.losses[number - 1] ?? Number.NaN)} (${number})`,
        pairedNumber === null ? "" : `${money(result.losses[pairedNumber - 1] ?? Number.NaN)} (${pairedNumber})`,
      ]),
    ),
    "span-requirement": table(
      ["part", "amount"],
      [
        ["scan risk", money(result.scanRisk)],
        ["volatility-adjusted scan risk", money(result.volatilityAdjustedScanRisk)],
        ["time risk", money(result.timeRisk)],
        ["price risk", money(result.priceRisk)],
        ["net composite delta", result.netDelta.toFixed(4)],
        ["calendar charge", money(result.intraCharge)],
        ["short option minimum", money(result.shortOptionMinimum)],
        ["SPAN risk, maintenance", money(result.riskMaintenance)],
        ["SPAN risk, initial", money(result.riskInitial)],
        ["net option value", money(result.netOptionValue)],
        ["total, maintenance", money(result.totalMaintenance)],
        ["total, initial", money(result.totalInitial)],
      ],
    ),
  };
}

function timsTables(): Record<string, string> {
  const terms = timsParameters.singleStock;
  if (terms === undefined) throw new Error("the single-stock terms are third");
  const points = buildTimsPoints(terms.down, terms.up);
  const hedge: HeldInstrument[] = [
    {
      quoted: quotedPerpetual({ instrumentId: "ETH-PERPETUAL", underlying: "ETH" }, 2000),
      quantity: -40,
    },
  ];
  const pnls = [
    computeTimsPnl(exampleBook, points, indexPrice, "model", asOfMs),
    computeTimsPnl(hedge, points, 2000, "model", asOfMs),
  ];
  const minimum = timsMinimumCharge(3.5, 1, terms.minimumPerUnit);
  const result = computeTimsProductGroup({
    name: "coins",
    offset: terms.productGroupOffset,
    classGroups: pnls.map((pnl, index) => ({ name: String(index), pnl, minimumCharge: index === 0 ? minimum : 0 })),
  });
  return {
    "tims-points": table(
      ["move", "BTC profit", "ETH profit", "charge"],
      points.map((move, point) => [
        percent(move),
        ...pnls.map((pnl) => money(pnl[point] ?? Number.NaN)),
        money(result.charges[point] ?? Number.NaN),
      ]),
    ),
    "tims-requirement": table(
      ["part", "amount"],
      [
        ["scan requirement", money(result.scanRequirement)],
        ["minimum charge", money(result.minimumCharge)],
        ["requirement", money(result.requirement)],
      ],
    ),
  };
}

function standardTables(): Record<string, string> {
  const futures = deribitFutureRates.BTC;
  if (futures === undefined) throw new Error("BTC has published rates");
  const spread = [option("put", 65_000, 0.58, -1), option("put", 60_000, 0.6, 1)];
  const books = [
    ["the book", exampleBook, "none"],
    ["the book", exampleBook, "max_loss"],
    ["a put spread", spread, "none"],
    ["a put spread", spread, "max_loss"],
  ] as const;
  const rows = books.map(([name, holdings, spreadRelief]) => {
    const [result] = computeStandardRequirement(holdings, { futures, options: deribitStandardOptions, spreadRelief });
    if (result === undefined) throw new Error("the example settles in one currency");
    return [
      `${name}, \`${spreadRelief}\``,
      ...result.components.map(({ amount }) => money(amount)),
      money(result.initial),
      money(result.maintenance),
    ];
  });
  const put = {
    optionType: "put",
    settlement: "linear",
    strike: 18_500,
    underlyingPrice: 20_250,
    markPrice: 290,
  } as const;
  const bybit = shortOptionMargin(put, bybitStandardOptions);
  const deribit = shortOptionMargin(put, deribitStandardOptions);
  return {
    "standard-book": table(
      ["holdings, spread relief", "futures", "short options", "relief", "initial", "maintenance"],
      rows,
    ),
    "standard-put": table(
      ["rules", "initial", "maintenance"],
      [
        ["after Bybit", money(bybit.initial), money(bybit.maintenance)],
        ["after Deribit", money(deribit.initial), money(deribit.maintenance)],
      ],
    ),
  };
}

function presetTables(): Record<string, string> {
  const deribit = computeDeribitRequirement(exampleBook, deribitPmeBtc, indexPrice, asOfMs, "cash");
  const okx = computeOkxRequirement(exampleBook, okxMajor, indexPrice, asOfMs);
  const paradex = computeParadexRequirement(exampleBook, paradexParameters, indexPrice, asOfMs);
  const bybit = computeBybitRequirement(exampleBook, bybitMajor, indexPrice, asOfMs);
  const { worstCell } = deribit;
  const cell = worstCell === null ? "none" : `${worstCell.source} bucket ${worstCell.bucket}, ${worstCell.side}`;
  const summary = (
    [
      ["Deribit", deribit, cell],
      ["OKX", okx, okx.worstLabel ?? "none"],
      ["Paradex", paradex, paradex.worstScenario?.label ?? "none"],
      ["Bybit", bybit, bybit.worstLabel ?? "none"],
    ] as const
  ).map(([name, { initialMargin, maintenanceMargin }, worst]) => [
    name,
    money(initialMargin),
    money(maintenanceMargin),
    worst,
  ]);
  return {
    "presets-summary": table(["after the rules of", "initial", "maintenance", "worst scenario"], summary),
    "presets-deribit": table(["Deribit component", "amount"], named(deribit.components)),
    "presets-okx": table(["OKX module", "amount"], named(okx.modules)),
    "presets-paradex": table(["Paradex component", "amount"], named(paradex.components)),
    "presets-bybit": table(["Bybit component", "amount"], named(bybit.components)),
  };
}

function accountRatioTables(): Record<string, string> {
  const assets = [
    { asset: "BTC", netQuantity: 1.5, indexPrice: 60_000, collateralRate: 0.95 },
    { asset: "USDC", netQuantity: -20_000, indexPrice: 1, collateralRate: 0.99 },
    { asset: "USDT", netQuantity: 50_000, indexPrice: 1, collateralRate: 1 },
  ];
  const brackets = [
    { from: 0, rate: 0.004 },
    { from: 300_000, rate: 0.005 },
    { from: 800_000, rate: 0.0065 },
    { from: 3_000_000, rate: 0.01 },
  ];
  const equity = adjustedEquity(assets);
  const rows = [5_000_000, 10_000_000, 11_000_000].map((notional) => {
    const maintenance = bracketedMaintenance(notional, brackets);
    const result = computeAccountRatio(equity, maintenance, binanceAccountRatio);
    return [
      notional.toLocaleString("en-US"),
      money(maintenance),
      money(equity),
      (result.accountRatio ?? Number.NaN).toFixed(4),
      result.state,
    ];
  });
  return {
    "account-ratio": table(["notional", "maintenance margin", "adjusted equity", "account ratio", "state"], rows),
  };
}

/** The market of the worked examples. */
export const exampleSnapshot = marketSnapshot(
  [underlyingState("BTC", indexPrice)],
  exampleBook.map(({ quoted }) => quoted),
);

export function exampleAccount(methodId: MethodId): Pool {
  return accountWith({
    methodId,
    positions: exampleBook.map(({ quoted, quantity }) => ({
      instrumentId: quoted.instrument.instrumentId,
      quantity,
      entryPrice: quoted.markPrice,
    })),
  });
}

/**
 * Returns the tables of the worked examples of the method pages, by name. The part of a name before the first hyphen is
 * the page.
 */
export function methodExamples(): Readonly<Record<string, string>> {
  return {
    ...spanTables(),
    ...timsTables(),
    ...standardTables(),
    ...isolatedTables(table, exampleSnapshot, exampleAccount),
    ...presetTables(),
    ...accountRatioTables(),
    ...parameterTables(table),
    ...varTables(table, exampleBook, indexPrice),
  };
}
