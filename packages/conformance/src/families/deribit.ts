import {
  computeDeribitRequirement,
  computeDeribitVectors,
  dampenExtendedProfit,
  deribitPmeBtc,
  deribitStandardOptions,
  futureMargin,
  type HeldInstrument,
  priceDeribitScenarios,
  type ScanParameters,
  scanOnly,
  shortOptionMargin,
} from "@plimsoll/risk";
import * as z from "zod";
import { readCase, type VectorFamily } from "../case-file.ts";
import { casesAsOfMs, heldFuture, isInverseKind, readHeldOption } from "./holdings.ts";
import { hasCaseKeys, hasInputs, hasKeys } from "./shapes.ts";

/** The far price moves of the extended table, for a case that lists none. */
const extendedMoves = deribitPmeBtc.scan.extendedMoves;

const volatilityParams = {
  volatilityRangeUp: z.number().default(0.5),
  volatilityRangeDown: z.number().default(0.25),
  minVolatilityForShockUp: z.number().default(0.5),
  shortTermVegaPower: z.number().default(0.3),
  longTermVegaPower: z.number().default(0.13),
};
const volatilitySchema = z.object(volatilityParams);

function scanOf(
  params: z.infer<typeof volatilitySchema>,
  grid: Pick<ScanParameters, "priceScanRange" | "priceStepsPerSide" | "extendedMoves" | "extendedFactor">,
): ScanParameters {
  const { extendedMoves: moves, extendedFactor, ...main } = grid;
  const scan = scanOnly("X", main, {
    volatilityUp: params.volatilityRangeUp,
    volatilityDown: params.volatilityRangeDown,
    shortTermPower: params.shortTermVegaPower,
    longTermPower: params.longTermVegaPower,
    minimumDaysToExpiry: deribitPmeBtc.scan.minimumDaysToExpiry,
    minimumVolatilityUp: params.minVolatilityForShockUp,
  });
  return { ...scan, extendedMoves: moves, extendedFactor };
}

const position = z.looseObject({
  instrument: z.string().default("held"),
  kind: z.string().default("inverse perpetual"),
  strike: z.number().optional(),
  sizeBase: z.number().optional(),
  amount: z.number().optional(),
  markPrice: z.number().optional(),
  daysToExpiry: z.number().optional(),
});

/** Returns the futures and options of a case as holdings, in units of the underlying. */
function holdingsOf(positions: readonly z.infer<typeof position>[], indexPrice: number): HeldInstrument[] {
  return positions.map((held, index) => {
    const settlement = isInverseKind(held.kind) ? "inverse" : "linear";
    if (held.strike !== undefined) return readHeldOption(held, index, { forward: indexPrice, settlement });
    const id = `${held.instrument}-${index}`;
    const size = held.sizeBase ?? held.amount ?? 1;
    return heldFuture(id, size, held.markPrice ?? indexPrice, settlement, held.daysToExpiry ?? null);
  });
}

/** Computes the cells of the extended table before aggregation, for one future or any list of futures and options. */
export const deribitExtendedTable: VectorFamily = {
  family: "deribit_extended_table",
  handles: (caseFile) => hasInputs(caseFile, "moves") && hasKeys(caseFile.params, "priceRange", "extendedTableFactor"),
  evaluate: (caseFile) => {
    const { inputs, params } = readCase(
      caseFile,
      z.object({
        sizeBase: z.number().optional(),
        kind: z.string().default("inverse perpetual"),
        moves: z.array(z.number()),
        indexPrice: z.number().positive().default(1),
        positions: z.array(position).default([]),
        options: z.array(position).default([]),
      }),
      z.object({ priceRange: z.number(), extendedTableFactor: z.number(), ...volatilityParams }),
    );
    const listed = [...inputs.positions, ...inputs.options];
    if (inputs.sizeBase !== undefined) {
      listed.push({ instrument: "held", kind: inputs.kind, sizeBase: inputs.sizeBase, markPrice: inputs.indexPrice });
    }
    const scan = scanOf(params, {
      priceScanRange: params.priceRange,
      priceStepsPerSide: 1,
      extendedMoves: inputs.moves,
      extendedFactor: params.extendedTableFactor,
    });
    const holdings = holdingsOf(listed, inputs.indexPrice);
    const priced = priceDeribitScenarios({ scan }, casesAsOfMs);
    const cells = (valuedIn: "coin" | "cash") => [
      ...computeDeribitVectors(holdings, priced, inputs.indexPrice, valuedIn).extended,
    ];
    const cash = cells("cash");
    return {
      preAggregatedExtendedVectorCoin: cells("coin"),
      preAggregatedExtendedVectorUsd: cash,
      preAggregatedExtendedVectorQuote: cash,
    };
  },
};

/** Computes profits in cells of the extended table after the dampener, which moves them towards zero. */
export const deribitDampener: VectorFamily = {
  family: "deribit_dampener",
  handles: (caseFile) => hasCaseKeys(caseFile, "move") && hasKeys(caseFile.params, "priceRange", "extendedDampenerUsd"),
  evaluate: (caseFile) => {
    const { inputs, params } = readCase(
      caseFile,
      z.object({
        indexPrice: z.number().positive().optional(),
        cases: z.array(z.object({ move: z.number(), pnlUsd: z.number().optional(), pnlCoin: z.number().optional() })),
      }),
      z.object({ priceRange: z.number().positive(), extendedDampenerUsd: z.number() }),
    );
    return {
      dampenedPnl: inputs.cases.map(({ move, pnlUsd, pnlCoin }) => {
        const coinPrice = (inputs.indexPrice ?? Number.NaN) * (1 + Math.sign(move) * params.priceRange);
        const dampener = params.extendedDampenerUsd / (pnlUsd === undefined ? coinPrice : 1);
        return dampenExtendedProfit(pnlUsd ?? pnlCoin ?? Number.NaN, move, params.priceRange, dampener);
      }),
    };
  },
};

const pmeParams = z.object({
  priceRange: z.number(),
  bucketsEachSide: z.number().default(4),
  mmFactor: z.number().default(0.8),
  pnlOffset: z.number().default(0),
  maxOffsetablePnlUsd: z.number().default(Number.POSITIVE_INFINITY),
  minAnnualisedMove: z.number(),
  annualisedMoveRisk: z.number(),
  maxDeltaShock: z.number().default(0.1),
  deltaTotalLiqShockThresholdUsd: z.number().default(20_000_000),
  mInc: z.number().default(0),
  extendedDampenerUsd: z.number().default(0),
  extendedTableFactor: z.number().default(1),
  extendedMoves: z.array(z.number()).default([...extendedMoves]),
  ...volatilityParams,
});

/** Computes the risk matrix of a portfolio margin account in one settlement currency. */
export const deribitPortfolioMargin: VectorFamily = {
  family: "deribit_portfolio_margin",
  handles: (caseFile) =>
    hasInputs(caseFile, "positions", "indexPrice") && hasKeys(caseFile.params, "priceRange", "minAnnualisedMove"),
  evaluate: (caseFile) => {
    const { inputs, params } = readCase(
      caseFile,
      z.object({ indexPrice: z.number().positive(), positions: z.array(position) }),
      pmeParams,
    );
    const scan = {
      ...scanOf(params, {
        priceScanRange: params.priceRange,
        priceStepsPerSide: params.bucketsEachSide,
        extendedMoves: params.extendedMoves,
        extendedFactor: params.extendedTableFactor,
      }),
      extendedDampenerUsd: params.extendedDampenerUsd,
      calendarMinimumMove: params.minAnnualisedMove,
      calendarAnnualisedMove: params.annualisedMoveRisk,
    };
    const parameters = {
      ...deribitPmeBtc,
      scan,
      pnlOffset: params.pnlOffset,
      maximumOffsettablePnlUsd: params.maxOffsetablePnlUsd,
      deltaShock: {
        thresholdUsd: params.deltaTotalLiqShockThresholdUsd,
        slopePerUnit: params.mInc,
        maximumRate: params.maxDeltaShock,
      },
      maintenanceFactor: params.mmFactor,
    };
    const inverse = inputs.positions.every(({ kind }) => isInverseKind(kind));
    const result = computeDeribitRequirement(
      holdingsOf(inputs.positions, inputs.indexPrice),
      parameters,
      inputs.indexPrice,
      casesAsOfMs,
      inverse ? "coin" : "cash",
    );
    const amounts = Object.fromEntries(result.components.map(({ name, amount }) => [name, amount]));
    const cells = (vector: Float64Array, figure: string) =>
      vectorFigure(vector, caseFile.expected[figure], 2 * params.bucketsEachSide + 1);
    return {
      riskVectorByPriceBucket: cells(result.preAggregated.standard, "riskVectorByPriceBucket"),
      aggregatedVectorByPriceBucket: cells(result.aggregated.standard, "aggregatedVectorByPriceBucket"),
      extendedVectorBeforeAggregation: [...result.preAggregated.extended],
      aggregatedExtendedVector: [...result.aggregated.extended],
      worstCase: amounts.worst_case,
      rollShock: amounts.roll_shock,
      deltaShock: amounts.delta_shock,
      initialMargin: result.initialMargin,
      maintenanceMargin: result.maintenanceMargin,
    };
  },
};

/** Returns all cells. If the case lists one figure per price bucket, returns the lowest cell of each bucket instead. */
function vectorFigure(vector: Float64Array, expected: unknown, bucketCount: number): number[] {
  if (!Array.isArray(expected) || expected.length !== bucketCount) return [...vector];
  const states = vector.length / bucketCount;
  return Array.from({ length: bucketCount }, (_, bucket) =>
    Math.min(...vector.slice(bucket * states, (bucket + 1) * states)),
  );
}

const rates = z.object({
  imBase: z.number(),
  imIncrementPerUnit: z.number(),
  mmBase: z.number(),
  mmIncrementPerUnit: z.number(),
});

/**
 * Computes the margin of futures, whose rate grows with their size. A case names its currency, or its id starts with
 * it.
 */
export const deribitFutureMargin: VectorFamily = {
  family: "deribit_future_margin",
  handles: (caseFile) => hasCaseKeys(caseFile, "id", "sizeBase", "price"),
  evaluate: (caseFile) => {
    const { inputs, params } = readCase(
      caseFile,
      z.object({
        cases: z.array(
          z.object({ id: z.string(), currency: z.string().optional(), sizeBase: z.number(), price: z.number() }),
        ),
      }),
      z.record(z.string(), rates),
    );
    return Object.fromEntries(
      inputs.cases.map(({ id, currency, sizeBase, price }) => {
        const known = Object.keys(params).filter((name) => id.toUpperCase().startsWith(name.toUpperCase()));
        const named = currency ?? known.sort((a, b) => b.length - a.length)[0] ?? "";
        const terms = params[named];
        if (terms === undefined)
          throw new RangeError(`${caseFile.file}: inputs.cases ${id}: params has no currency for it`);
        const margin = futureMargin(sizeBase, price, {
          initial: { base: terms.imBase, incrementPerUnit: terms.imIncrementPerUnit },
          maintenance: { base: terms.mmBase, incrementPerUnit: terms.mmIncrementPerUnit },
        });
        const figures = {
          imRate: margin.initialRate,
          imBase: margin.base.initial,
          imQuote: margin.quote.initial,
          mmRate: margin.maintenanceRate,
          mmBase: margin.base.maintenance,
          mmQuote: margin.quote.maintenance,
        };
        return [id, figures];
      }),
    );
  },
};

const shortOption = z.looseObject({
  id: z.string(),
  strike: z.number().positive(),
  type: z.string().optional(),
  optionType: z.string().optional(),
  isCall: z.boolean().optional(),
  kind: z.string().default("inverse"),
  underlyingPrice: z.number().positive().optional(),
  spot: z.number().positive().optional(),
  index: z.number().positive().optional(),
  markPrice: z.number(),
  amount: z.number().default(-1),
});

/** Computes the margin of short options by the rules of standard margin, per case. */
export const deribitOptionMargin: VectorFamily = {
  family: "deribit_option_margin",
  handles: (caseFile) => hasCaseKeys(caseFile, "id", "strike", "markPrice"),
  evaluate: (caseFile) => {
    const { inputs, params } = readCase(
      caseFile,
      z.object({ cases: z.array(shortOption) }),
      z.object({
        imRate: z.number().default(deribitStandardOptions.initialRate),
        imMinimumRate: z.number().default(deribitStandardOptions.initialMinimumRate),
        mmRate: z.number().default(deribitStandardOptions.maintenanceRate),
        mmMarkRate: z.number().default(deribitStandardOptions.putMaintenanceMarkRate),
      }),
    );
    return Object.fromEntries(
      inputs.cases.map((entry) => {
        const words = `${entry.type ?? ""} ${entry.optionType ?? ""} ${entry.kind}`.toLowerCase();
        const isCall = entry.isCall ?? /\bcall\b|\bc\b/.test(words);
        const margin = shortOptionMargin(
          {
            optionType: isCall ? "call" : "put",
            settlement: isInverseKind(entry.kind) ? "inverse" : "linear",
            strike: entry.strike,
            underlyingPrice: entry.underlyingPrice ?? entry.spot ?? entry.index ?? Number.NaN,
            markPrice: entry.markPrice,
          },
          {
            ...deribitStandardOptions,
            initialRate: params.imRate,
            initialMinimumRate: params.imMinimumRate,
            maintenanceRate: params.mmRate,
            putMaintenanceMarkRate: params.mmMarkRate,
          },
        );
        const units = Math.max(0, -entry.amount);
        const im = units * margin.initial;
        const mm = units * margin.maintenance;
        return [entry.id, { im, mm, initialMargin: im, maintenanceMargin: mm }];
      }),
    );
  },
};
