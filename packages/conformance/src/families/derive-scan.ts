import {
  computePmrm1,
  computePmrm2,
  type DeriveExpiry,
  type DeriveScanResult,
  type DeriveVolatilityMove,
  type Pmrm1Parameters,
  type Pmrm2Parameters,
} from "@plimsoll/risk";
import * as z from "zod";
import { readCase, tiedIndex, type VectorCase, type VectorFamily } from "../case-file.ts";
import { toleranceOf } from "../tolerance.ts";
import { hasInputs, hasKeys } from "./shapes.ts";

const volatilityMoves: Readonly<Record<string, DeriveVolatilityMove>> = {
  up: "up",
  none: "none",
  down: "down",
  linear: "linear_skew",
  abs: "absolute_skew",
};

const volatilityMove = z.string().transform((text, context): DeriveVolatilityMove => {
  const move = volatilityMoves[text.toLowerCase()];
  if (move !== undefined) return move;
  context.addIssue(`"${text}" is none of Up, None, Down, LINEAR, ABS`);
  return z.NEVER;
});

const scenarios = z.array(
  z
    .object({ spotShock: z.number(), volShock: volatilityMove, dampening: z.number().default(1) })
    .transform((given) => ({
      priceMultiplier: given.spotShock,
      volatilityMove: given.volShock,
      dampening: given.dampening,
    })),
);

const optionType = z.boolean().transform((isCall) => (isCall ? ("call" as const) : ("put" as const)));

/** Returns the figures that both portfolio managers are judged by. As in the cases, gains are positive. */
function scanFigures(caseFile: VectorCase, result: DeriveScanResult): Record<string, unknown> {
  const pnls = Array.from(result.scenarioLosses, (loss) => 0 - loss);
  const losses = [...result.scenarioLosses, result.basisLoss];
  const { absolute, relative } = toleranceOf(["worstScenarioPnl"], caseFile.tolerance);
  const margin = Math.max(absolute ?? 0, (relative ?? 0) * Math.abs(result.worstLoss));
  return {
    initialMargin: result.initialSurplus,
    maintenanceMargin: result.maintenanceSurplus,
    markToMarket: result.equity,
    worstScenarioIndex: tiedIndex(result.worstScenarioIndex, losses, margin),
    worstScenarioPnl: 0 - result.worstLoss,
    scenarioPnls: pnls,
    basisContingency: 0 - result.basisLoss,
  };
}

const pmrm2Inputs = z.object({
  cash: z.number(),
  stablePrice: z.number(),
  spotPrice: z.number(),
  spotConfidence: z.number(),
  perp: z
    .object({
      amount: z.number(),
      price: z.number(),
      confidence: z.number(),
      unrealisedPnl: z.number().default(0),
      unrealisedFunding: z.number().default(0),
    })
    .optional(),
  collaterals: z
    .array(
      z.object({
        name: z.string(),
        amount: z.number(),
        price: z.number(),
        confidence: z.number(),
        isRiskCancelling: z.boolean(),
        mmHaircut: z.number(),
        imHaircutAdditional: z.number(),
      }),
    )
    .default([]),
  expiries: z
    .array(
      z.object({
        secondsToExpiry: z.number(),
        forwardFixedPortion: z.number(),
        forwardVariablePortion: z.number(),
        forwardConfidence: z.number(),
        rate: z.number(),
        rateConfidence: z.number(),
        volConfidence: z.number(),
        options: z.array(z.object({ strike: z.number(), isCall: optionType, amount: z.number(), markVol: z.number() })),
      }),
    )
    .default([]),
});

const pmrm2Params = z.object({
  scenarios,
  volShock: z.object({
    volRangeUp: z.number(),
    volRangeDown: z.number(),
    shortTermPower: z.number(),
    longTermPower: z.number(),
    dteFloorDays: z.number(),
    minVolUpShock: z.number(),
  }),
  margin: z.object({
    imFactor: z.number(),
    mmFactor: z.number(),
    shortRateMultScale: z.number(),
    longRateMultScale: z.number(),
    shortRateAddScale: z.number(),
    longRateAddScale: z.number(),
    longBaseStaticDiscount: z.number(),
    shortBaseStaticDiscount: z.number(),
  }),
  basis: z.object({
    scenarioSpotUp: z.number(),
    scenarioSpotDown: z.number(),
    addFactor: z.number(),
    multFactor: z.number(),
  }),
  other: z.object({
    pegLossThreshold: z.number(),
    pegLossFactor: z.number(),
    confThreshold: z.number(),
    confMargin: z.number(),
    mmPerpPercent: z.number(),
    imPerpPercentAdditional: z.number(),
    mmOptionPercent: z.number(),
    imOptionPercentAdditional: z.number(),
  }),
  skew: z.object({
    linearBaseCap: z.number(),
    absBaseCap: z.number(),
    linearCBase: z.number(),
    absCBase: z.number(),
    minKStar: z.number(),
    widthScale: z.number(),
    volParamStatic: z.number(),
    volParamScale: z.number(),
  }),
});

function pmrm2Parameters(params: z.infer<typeof pmrm2Params>): Pmrm2Parameters {
  const { volShock, margin, basis, other, skew } = params;
  return {
    scenarios: params.scenarios,
    volatility: {
      volatilityUp: volShock.volRangeUp,
      volatilityDown: volShock.volRangeDown,
      shortTermPower: volShock.shortTermPower,
      longTermPower: volShock.longTermPower,
      minimumDaysToExpiry: volShock.dteFloorDays,
      minimumVolatilityUp: volShock.minVolUpShock,
    },
    skew: {
      linearCap: skew.linearBaseCap,
      linearCapPerRootYear: skew.linearCBase,
      absoluteCap: skew.absBaseCap,
      absoluteCapPerRootYear: skew.absCBase,
      minimumWidth: skew.minKStar,
      widthScale: skew.widthScale,
      volatilityConstant: skew.volParamStatic,
      volatilityPerRootYear: skew.volParamScale,
    },
    basis: {
      upMultiplier: basis.scenarioSpotUp,
      downMultiplier: basis.scenarioSpotDown,
      constantFactor: basis.addFactor,
      annualFactor: basis.multFactor,
    },
    discount: {
      ownedBase: margin.longBaseStaticDiscount,
      ownedRateMultiplier: margin.longRateMultScale,
      ownedRateAddend: margin.longRateAddScale,
      owedBase: margin.shortBaseStaticDiscount,
      owedRateMultiplier: margin.shortRateMultScale,
      owedRateAddend: margin.shortRateAddScale,
    },
    contingency: {
      perpetualMaintenanceRate: other.mmPerpPercent,
      perpetualAdditionalInitialRate: other.imPerpPercentAdditional,
      optionMaintenanceRate: other.mmOptionPercent,
      optionAdditionalInitialRate: other.imOptionPercentAdditional,
    },
    trust: {
      confidenceThreshold: other.confThreshold,
      confidenceRate: other.confMargin,
      pegThreshold: other.pegLossThreshold,
      pegFactor: other.pegLossFactor,
    },
    initialFactor: margin.imFactor,
    maintenanceFactor: margin.mmFactor,
  };
}

/** Computes Derive's PMRM_2, with a grid that has skew scenarios and with parameters in groups. */
export const derivePmrm2: VectorFamily = {
  family: "derive_pmrm_2",
  handles: (caseFile) =>
    hasInputs(caseFile, "spotPrice", "stablePrice") && hasKeys(caseFile.params, "scenarios", "margin", "basis"),
  evaluate: (caseFile) => {
    const { inputs, params } = readCase(caseFile, pmrm2Inputs, pmrm2Params);
    const { perp, collaterals, expiries, ...feeds } = inputs;
    const result = computePmrm2(
      {
        ...feeds,
        perpetual: perp
          ? {
              amount: perp.amount,
              markPrice: perp.price,
              confidence: perp.confidence,
              unrealisedCash: perp.unrealisedPnl + perp.unrealisedFunding,
            }
          : null,
        collaterals: collaterals.map((held) => ({
          asset: held.name,
          amount: held.amount,
          price: held.price,
          confidence: held.confidence,
          movesInScenarios: held.isRiskCancelling,
          maintenanceHaircut: held.mmHaircut,
          additionalInitialHaircut: held.imHaircutAdditional,
        })),
        expiries: expiries.map(({ volConfidence, options, ...expiry }) => ({
          ...expiry,
          volatilityConfidence: volConfidence,
          options: options.map(({ strike, isCall, amount, markVol }) => ({
            strike,
            optionType: isCall,
            amount,
            markVolatility: markVol,
          })),
        })),
      },
      pmrm2Parameters(params),
    );
    return scanFigures(caseFile, result);
  },
};

const pmrm1Inputs = z.object({
  cash: z.number(),
  spot: z.number(),
  spotConf: z.number(),
  stablePrice: z.number(),
  base: z.number().default(0),
  perp: z.object({ amount: z.number(), price: z.number(), conf: z.number(), pnl: z.number().default(0) }).optional(),
  options: z
    .array(
      z.object({
        expirySec: z.number(),
        strike: z.number(),
        isCall: optionType,
        amount: z.number(),
        vol: z.number(),
      }),
    )
    .default([]),
  expiries: z
    .record(
      z.string(),
      z.object({
        fixed: z.number(),
        variable: z.number(),
        fwdConf: z.number(),
        rate: z.number(),
        rateConf: z.number(),
        volConf: z.number(),
      }),
    )
    .default({}),
});

const pmrm1Params = z.object({
  scenarioSpotUp: z.number(),
  scenarioSpotDown: z.number(),
  basisContAddFactor: z.number(),
  basisContMultFactor: z.number(),
  pegLossThreshold: z.number(),
  pegLossFactor: z.number(),
  confThreshold: z.number(),
  confMargin: z.number(),
  basePercent: z.number(),
  perpPercent: z.number(),
  optionPercent: z.number(),
  imFactor: z.number(),
  baseStaticDiscount: z.number(),
  rateMultScale: z.number(),
  rateAddScale: z.number(),
  volRangeUp: z.number(),
  volRangeDown: z.number(),
  shortTermPower: z.number(),
  longTermPower: z.number(),
  dteFloorDays: z.number(),
  scenarios,
});

function pmrm1Parameters(params: z.infer<typeof pmrm1Params>): Pmrm1Parameters {
  return {
    scenarios: params.scenarios,
    volatility: {
      volatilityUp: params.volRangeUp,
      volatilityDown: params.volRangeDown,
      shortTermPower: params.shortTermPower,
      longTermPower: params.longTermPower,
      minimumDaysToExpiry: params.dteFloorDays,
      minimumVolatilityUp: 0,
    },
    basis: {
      upMultiplier: params.scenarioSpotUp,
      downMultiplier: params.scenarioSpotDown,
      constantFactor: params.basisContAddFactor,
      annualFactor: params.basisContMultFactor,
    },
    discount: {
      ownedBase: params.baseStaticDiscount,
      ownedRateMultiplier: params.rateMultScale,
      ownedRateAddend: params.rateAddScale,
    },
    contingency: {
      perpetualRate: params.perpPercent,
      baseRate: params.basePercent,
      optionRate: params.optionPercent,
    },
    trust: {
      confidenceThreshold: params.confThreshold,
      confidenceRate: params.confMargin,
      pegThreshold: params.pegLossThreshold,
      pegFactor: params.pegLossFactor,
    },
    initialFactor: params.imFactor,
  };
}

/**
 * Groups options that are listed in one place under their expiries. Throws a RangeError if an option's expiry has no
 * feeds.
 */
export function groupByExpiry<Feeds, Option extends { readonly expirySec: number }>(
  options: readonly Option[],
  feeds: Readonly<Record<string, Feeds>>,
): { readonly secondsToExpiry: number; readonly feeds: Feeds; readonly options: readonly Option[] }[] {
  for (const [index, { expirySec }] of options.entries()) {
    if (!(String(expirySec) in feeds)) {
      throw new RangeError(`inputs.options[${index}].expirySec is ${expirySec}; expiries has no feeds for it`);
    }
  }
  return Object.entries(feeds).map(([seconds, expiryFeeds]) => ({
    secondsToExpiry: Number(seconds),
    feeds: expiryFeeds,
    options: options.filter(({ expirySec }) => String(expirySec) === seconds),
  }));
}

/** Computes Derive's first portfolio manager, with one base asset and parameters without groups. */
export const derivePmrm1: VectorFamily = {
  family: "derive_pmrm_1",
  handles: (caseFile) =>
    hasInputs(caseFile, "spot", "stablePrice") && hasKeys(caseFile.params, "scenarios", "baseStaticDiscount"),
  evaluate: (caseFile) => {
    const { inputs, params } = readCase(caseFile, pmrm1Inputs, pmrm1Params);
    const { perp } = inputs;
    const result = computePmrm1(
      {
        cash: inputs.cash,
        stablePrice: inputs.stablePrice,
        spotPrice: inputs.spot,
        spotConfidence: inputs.spotConf,
        baseAmount: inputs.base,
        perpetual: perp
          ? { amount: perp.amount, markPrice: perp.price, confidence: perp.conf, unrealisedCash: perp.pnl }
          : null,
        expiries: groupByExpiry(inputs.options, inputs.expiries).map(
          ({ secondsToExpiry, feeds, options }): DeriveExpiry => ({
            secondsToExpiry,
            forwardFixedPortion: feeds.fixed,
            forwardVariablePortion: feeds.variable,
            forwardConfidence: feeds.fwdConf,
            rate: feeds.rate,
            rateConfidence: feeds.rateConf,
            volatilityConfidence: feeds.volConf,
            options: options.map(({ strike, isCall, amount, vol }) => ({
              strike,
              optionType: isCall,
              amount,
              markVolatility: vol,
            })),
          }),
        ),
      },
      pmrm1Parameters(params),
    );
    const sum = (names: readonly string[], requirement: "initial" | "maintenance"): number =>
      result.components.reduce((total, part) => (names.includes(part.name) ? total + part[requirement] : total), 0);
    return {
      ...scanFigures(caseFile, result),
      staticContingency: sum(["perpetual_contingency", "base_contingency", "option_contingency"], "maintenance"),
      confidenceContingency: sum(["confidence_charge"], "initial"),
    };
  },
};
