import {
  buildSpanGrid,
  combineScannedLosses,
  combineSpanRisk,
  computeSpanRequirement,
  computeSpanScan,
  createDeltaLedger,
  formSpreads,
  futureSpanLosses,
  numberSpanScenarios,
  type SpanContract,
  type SpanGrid,
  shortOptionMinimum,
  spanDeliveryCharge,
  sumSpanLosses,
} from "@plimsoll/risk";
import * as z from "zod";
import { readCase, type VectorFamily } from "../case-file.ts";
import { hasInputs, hasKeys } from "./shapes.ts";

/**
 * The scale for rounding to 9 decimals. Some case files ask for equality with printed amounts, which lack the last bits
 * of a double.
 */
const settledDecimals = 1e9;

function settled(value: number): number {
  return Math.round(value * settledDecimals) / settledDecimals;
}

const scenario = z.object({
  priceFraction: z.number(),
  volDirection: z.number(),
  weight: z.number(),
});

const positionSizes = z.union([z.number().transform((future) => ({ future })), z.record(z.string(), z.number())]);

/** Scans futures over a grid that the case gives as data. */
export const spanScenarios: VectorFamily = {
  family: "span_scenarios",
  handles: (caseFile) => hasInputs(caseFile, "position") && hasKeys(caseFile.params, "priceScanRange", "scenarios"),
  evaluate: (caseFile) => {
    const { inputs, params } = readCase(
      caseFile,
      z.object({ position: positionSizes }),
      z.object({ priceScanRange: z.number().positive(), scenarios: z.array(scenario) }),
    );
    const scenarios = numberSpanScenarios(
      params.scenarios.map(({ priceFraction, volDirection, weight }) => ({
        priceFraction,
        volatilityFraction: volDirection,
        weight,
      })),
    );
    const grid: SpanGrid = { scenarios, deltaPoints: [] };
    const contract = { losses: futureSpanLosses(grid, params.priceScanRange) };
    const positions = Object.values(inputs.position).map((quantity) => ({ contract, quantity }));
    const scan = computeSpanScan(sumSpanLosses(positions, grid), grid);
    return {
      lossByScenario: [...scan.losses],
      scanRisk: scan.scanRisk,
      activeScenario: scan.activeScenario,
      volatilityAdjustedScanRisk: scan.volatilityAdjustedScanRisk,
      timeRisk: scan.timeRisk,
      priceRisk: scan.priceRisk,
    };
  },
};

const arrays = z.record(z.string(), z.array(z.number()));

/** Scans positions on published risk arrays, given as profits or as losses of each position. */
export const spanRiskArrays: VectorFamily = {
  family: "span_risk_arrays",
  handles: (caseFile) =>
    hasInputs(caseFile, "profitLossPerPosition") ||
    hasInputs(caseFile, "lossPerPosition") ||
    hasInputs(caseFile, "riskArrays"),
  evaluate: (caseFile) => {
    const { inputs, params } = readCase(
      caseFile,
      z.object({
        profitLossPerPosition: arrays.optional(),
        lossPerPosition: arrays.optional(),
        riskArrays: arrays.optional(),
        quantities: z.record(z.string(), z.number()).default({}),
      }),
      z.object({
        priceScanRange: z.number().positive().default(1),
        extremeMultiple: z.number().default(3),
        extremeCoverFraction: z.number().default(0.33),
      }),
    );
    const profits = inputs.profitLossPerPosition;
    const named = Object.entries(profits ?? inputs.lossPerPosition ?? inputs.riskArrays ?? {});
    const positions = named.map(([name, values]) => ({
      contract: { losses: Float64Array.from(values, (value) => (profits === undefined ? value : -value)) },
      quantity: inputs.quantities[name] ?? 1,
    }));
    const standard = buildSpanGrid(params.extremeMultiple, params.extremeCoverFraction);
    const count = positions[0]?.contract.losses.length ?? 0;
    const grid = count === standard.scenarios.length ? standard : unpairedGrid(count);
    const scan = computeSpanScan(sumSpanLosses(positions, grid), grid);
    const extreme = futureSpanLosses(standard, params.priceScanRange)[standard.scenarios.length - 2] ?? Number.NaN;
    return {
      portfolioProfitLoss: Array.from(scan.losses, (loss) => settled(0 - loss)),
      lossByScenario: Array.from(scan.losses, settled),
      scanRisk: settled(scan.scanRisk),
      activeScenario: scan.activeScenario,
      volatilityAdjustedScanRisk: settled(scan.volatilityAdjustedScanRisk),
      timeRisk: settled(scan.timeRisk),
      priceRisk: settled(scan.priceRisk),
      extremeFutureProfitLoss: settled(0 - extreme),
    };
  },
};

/**
 * Returns a grid for arrays of a non-standard length. Their moves are not known, so only the worst scenario can be
 * found.
 */
function unpairedGrid(count: number): SpanGrid {
  const move = { priceFraction: 0, volatilityFraction: 0, weight: 1 };
  return { scenarios: numberSpanScenarios(new Array(count).fill(move)), deltaPoints: [] };
}

const intraSpread = z.object({
  tiers: z.array(z.union([z.number(), z.string()])),
  deltaPerSpreadLeg: z.union([z.number(), z.array(z.number())]).default(1),
  sides: z.array(z.enum(["A", "B"])).optional(),
  priority: z.number().default(0),
  chargePerSpread: z.number(),
});

const spot = z.object({
  deltaInSpreads: z.number(),
  deltaOutright: z.number(),
  spreadRate: z.number(),
  outrightRate: z.number(),
});

const requirementInputs = z.object({
  scanRisk: z.number(),
  netDeltaByTier: z.record(z.string(), z.number()),
  intraSpreads: z.array(intraSpread).default([]),
  spot: spot.optional(),
  interCommodityCredit: z.number().default(0),
  shortOptionPositions: z.number().default(0),
  shortCallPositions: z.number().optional(),
  shortPutPositions: z.number().optional(),
  longOptionValue: z.number().default(0),
  shortOptionValue: z.number().default(0),
});

const requirementParams = z.object({
  shortOptionMinimumPerPosition: z.number().default(0),
  shortOptionMinimumMethod: z.enum(["gross", "maximum"]).default("gross"),
  initialToMaintenanceRatio: z.number().default(1),
  limitNetOptionValue: z.boolean().default(false),
});

/**
 * Computes everything after the scan: calendar charge, delivery charge, credit, short option minimum, option value and
 * initial ratio.
 */
export const spanRequirement: VectorFamily = {
  family: "span_requirement",
  handles: (caseFile) => hasInputs(caseFile, "scanRisk", "netDeltaByTier"),
  evaluate: (caseFile) => {
    const { inputs, params } = readCase(caseFile, requirementInputs, requirementParams);
    const ledger = createDeltaLedger(new Map(Object.entries(inputs.netDeltaByTier)), "gross");
    let intraCharge = 0;
    const rows = inputs.intraSpreads.map((row, index) => ({ row, index }));
    rows.sort((a, b) => a.row.priority - b.row.priority || a.index - b.index);
    for (const { row } of rows) {
      const legs = row.tiers.map((tier, index) => ({
        ledger,
        part: String(tier),
        includes: (period: string) => period === String(tier),
        deltaPerSpread:
          typeof row.deltaPerSpreadLeg === "number" ? row.deltaPerSpreadLeg : (row.deltaPerSpreadLeg[index] ?? 1),
        side: row.sides?.[index] ?? (index % 2 === 0 ? ("A" as const) : ("B" as const)),
      }));
      intraCharge += formSpreads(legs) * row.chargePerSpread;
    }
    const spotCharge =
      inputs.spot === undefined
        ? 0
        : spanDeliveryCharge(inputs.spot.deltaInSpreads, inputs.spot.deltaOutright, {
            ratePerSpreadDelta: inputs.spot.spreadRate,
            ratePerOutrightDelta: inputs.spot.outrightRate,
          });
    const minimum = shortOptionMinimum(
      inputs.shortCallPositions ?? inputs.shortOptionPositions,
      inputs.shortPutPositions ?? 0,
      params.shortOptionMinimumPerPosition,
      params.shortOptionMinimumMethod,
    );
    const netOptionValue = inputs.longOptionValue - inputs.shortOptionValue;
    const risk = combineSpanRisk(
      {
        scanRisk: inputs.scanRisk,
        intraCharge,
        deliveryCharge: spotCharge,
        interCredit: inputs.interCommodityCredit,
        shortOptionMinimum: minimum,
        netOptionValue,
      },
      params,
    );
    return {
      intraCharge,
      spotCharge,
      commodityRisk: risk.commodityRisk,
      shortOptionMinimum: minimum,
      spanRiskMaintenance: risk.riskMaintenance,
      spanRiskInitial: risk.riskInitial,
      netOptionValue,
      totalMaintenance: risk.totalMaintenance,
      totalInitial: risk.totalInitial,
    };
  },
};

/**
 * Computes the credit of outright futures of several commodities at a credit rate. The first is spread against all the
 * others.
 */
export const spanSpreadCredit: VectorFamily = {
  family: "span_spread_credit",
  handles: (caseFile) => hasInputs(caseFile, "outright", "spreadRatio") && hasKeys(caseFile.params, "creditRate"),
  evaluate: (caseFile) => {
    const { inputs, params } = readCase(
      caseFile,
      z.object({
        outright: z.record(z.string(), z.number().positive()),
        spreadRatio: z.record(z.string(), z.number().positive()),
        spreads: z.number().default(1),
      }),
      z.object({ creditRate: z.number() }),
    );
    const names = Object.keys(inputs.spreadRatio);
    const grid = buildSpanGrid(3, 0.33);
    const legs = names.map((name, index) => ({
      combinedCommodity: name,
      tier: 0,
      period: null,
      deltaPerSpread: inputs.spreadRatio[name] ?? 1,
      side: index === 0 ? ("A" as const) : ("B" as const),
    }));
    const positions = legs.map(({ combinedCommodity, deltaPerSpread, side }) => ({
      contract: futureOf(combinedCommodity, grid, inputs.outright[combinedCommodity] ?? Number.NaN),
      quantity: (side === "A" ? 1 : -1) * deltaPerSpread * inputs.spreads,
    }));
    const result = computeSpanRequirement(positions, {
      grid,
      commodities: names.map((name) => commodityOf(name, inputs.outright[name] ?? Number.NaN)),
      interSpreads: [{ priority: 1, method: "delta", isSuper: false, creditRate: params.creditRate, legs }],
    });
    const sum = (key: "scanRisk" | "interCredit" | "totalMaintenance") =>
      result.commodities.reduce((total, commodity) => total + commodity[key], 0);
    return {
      outrightTotal: settled(sum("scanRisk")),
      credit: settled(sum("interCredit")),
      requirement: settled(sum("totalMaintenance")),
    };
  },
};

function futureOf(combinedCommodity: string, grid: SpanGrid, priceScanRange: number): SpanContract {
  return {
    contractId: combinedCommodity,
    combinedCommodity,
    currency: "USD",
    kind: "future",
    optionType: null,
    period: "00000000",
    losses: futureSpanLosses(grid, priceScanRange),
    compositeDelta: 1,
    deltaScale: 1,
    optionValue: 0,
  };
}

function commodityOf(combinedCommodity: string, priceScanRange: number) {
  return {
    combinedCommodity,
    currency: "USD",
    priceScanRange,
    weightedPriceRiskMethod: "normal",
    intraTiers: [],
    interTiers: [],
    intraSpreads: [],
    deliveryRates: [],
    shortOptionMinimumRate: 0,
    shortOptionMinimumMethod: "gross",
    initialToMaintenanceRatio: 1,
    limitNetOptionValue: false,
  } as const;
}

/** Scans several commodities as one, with a gain allowance. */
export const spanScanningSpread: VectorFamily = {
  family: "span_scanning_spread",
  handles: (caseFile) => hasInputs(caseFile, "lossByLeg") && hasKeys(caseFile.params, "gainAllowance"),
  evaluate: (caseFile) => {
    const { inputs, params } = readCase(
      caseFile,
      z.object({ lossByLeg: arrays }),
      z.object({ gainAllowance: z.number() }),
    );
    const losses = combineScannedLosses(
      Object.values(inputs.lossByLeg).map((leg) => Float64Array.from(leg)),
      params.gainAllowance,
    );
    const worst = Math.max(...losses);
    return {
      lossByScenario: [...losses],
      requirement: Math.max(0, worst),
      activeScenario: losses.indexOf(worst) + 1,
    };
  },
};
