import { exp } from "../../numbers/index.ts";
import { arrangePortfolio, requireConfidence, requireNumber } from "./arrange.ts";
import { buildDeriveGrid, type DeriveGrid } from "./grid.ts";
import type { DeriveExpiry, DerivePortfolio, DeriveScanResult } from "./holdings.ts";
import type { Pmrm2DiscountParameters, Pmrm2Parameters } from "./parameters.ts";
import {
  accountConfidence,
  confidenceCharge,
  pegSurcharge,
  priceExpiry,
  type StaticDiscounts,
  scanLosses,
  scanResult,
  worstOf,
} from "./scan.ts";
import { yearsLeft } from "./time.ts";
import { type DeriveUnitValues, deriveUnitValues } from "./unit-values.ts";

/** A token that is held beside cash, with the terms on which it counts. */
export interface Pmrm2Collateral {
  readonly asset: string;
  /** The amount in units of the token, at least 0. */
  readonly amount: number;
  /** The price of one unit in US dollars. */
  readonly price: number;
  readonly confidence: number;
  /** Whether the token's value follows the spot price in the scenarios, so that the token covers short calls. */
  readonly movesInScenarios: boolean;
  /**
   * The share of the value that never counts, followed by the further share that does not count for
   * initial margin only.
   */
  readonly maintenanceHaircut: number;
  readonly additionalInitialHaircut: number;
}

export interface Pmrm2Portfolio extends DerivePortfolio {
  readonly collaterals: readonly Pmrm2Collateral[];
}

/**
 * Computes the margin of one account under Derive's PMRM_2 (derivexyz/v2-core; docs/sources.md, Derive portfolio
 * managers). It follows the published rules and is not the venue's own number. The requirement is the worst of the
 * basis loss and all scenario losses, times a factor, plus contingencies. Contingencies are charged for perpetuals,
 * naked short options, collateral and feeds that are not trusted. Equity counts all holdings at their marks.
 *
 * `grid` and `unitValues` may be passed in to share what many accounts have in common. Throws a RangeError that names
 * the field when a figure is missing, not finite or out of its range. A margin is never NaN.
 */
export function computePmrm2(
  portfolio: Pmrm2Portfolio,
  parameters: Pmrm2Parameters,
  grid: DeriveGrid = buildDeriveGrid(parameters.scenarios, parameters.basis),
  unitValues: DeriveUnitValues = deriveUnitValues,
): DeriveScanResult {
  const arranged = arrangePortfolio(portfolio);
  const { spotPrice, spotConfidence, stablePrice, perpetual } = arranged;
  const { contingency, trust, volatility, basis, skew } = parameters;
  const confidence = accountConfidence(arranged);
  const pricing = { grid, volatility, basis, skew, unitValues };
  const expiries = arranged.expiries.map((expiry) => {
    const discountFactor = discountFactorOf(expiry);
    const discounts = pmrm2Discounts(expiry, discountFactor, parameters.discount);
    return priceExpiry(expiry, confidence, discountFactor, discounts, pricing);
  });
  const collaterals = arrangeCollaterals(arranged.collaterals, stablePrice);

  let equity = perpetual?.unrealisedCash ?? 0;
  let basisLoss = 0;
  let nakedNotional = 0;
  const perpetualNotional = Math.abs(perpetual?.amount ?? 0) * spotPrice;
  let confidenceSum = confidenceCharge(confidence, perpetualNotional, trust);
  for (const expiry of expiries) {
    equity += expiry.mark;
    basisLoss += expiry.basisLoss;
    nakedNotional += expiry.nakedShorts * spotPrice;
    confidenceSum += confidenceCharge(expiry.confidence, expiry.grossOptions * spotPrice, trust);
  }
  let movingCollateral = 0;
  let maintenanceHaircut = 0;
  let initialHaircut = 0;
  for (const { value, collateral } of collaterals) {
    equity += value;
    maintenanceHaircut += value * collateral.maintenanceHaircut;
    initialHaircut += value * collateral.additionalInitialHaircut;
    // The value of a token does not depend on the perpetual's price, so the perpetual's confidence is left out.
    confidenceSum += confidenceCharge(Math.min(collateral.confidence, spotConfidence), value, trust);
    if (collateral.movesInScenarios) movingCollateral += value;
  }
  equity += arranged.cash;

  const losses = scanLosses(arranged, expiries, movingCollateral, grid);
  const worstLoss = worstOf(losses, basisLoss).loss;
  const perpetualMaintenance = perpetualNotional * contingency.perpetualMaintenanceRate;
  const optionMaintenance = nakedNotional * contingency.optionMaintenanceRate;
  return scanResult(equity, losses, basisLoss, [
    {
      name: "scan_loss",
      initial: worstLoss * parameters.initialFactor,
      maintenance: worstLoss * parameters.maintenanceFactor,
    },
    {
      name: "perpetual_contingency",
      initial: perpetualMaintenance + perpetualNotional * contingency.perpetualAdditionalInitialRate,
      maintenance: perpetualMaintenance,
    },
    {
      name: "option_contingency",
      initial: optionMaintenance + nakedNotional * contingency.optionAdditionalInitialRate,
      maintenance: optionMaintenance,
    },
    { name: "collateral_haircut", initial: maintenanceHaircut + initialHaircut, maintenance: maintenanceHaircut },
    { name: "depeg_charge", initial: worstLoss * pegSurcharge(stablePrice, trust), maintenance: 0 },
    { name: "confidence_charge", initial: confidenceSum, maintenance: 0 },
  ]);
}

function discountFactorOf(expiry: DeriveExpiry): number {
  return exp(-Math.max(0, expiry.rate) * yearsLeft(expiry.secondsToExpiry));
}

function pmrm2Discounts(
  expiry: DeriveExpiry,
  discountFactor: number,
  discount: Pmrm2DiscountParameters,
): StaticDiscounts {
  const years = yearsLeft(expiry.secondsToExpiry);
  const rate = Math.max(0, expiry.rate);
  const owedExponent = years * (rate * discount.owedRateMultiplier + discount.owedRateAddend);
  return {
    owned: discount.ownedBase * exp(-years * (rate * discount.ownedRateMultiplier + discount.ownedRateAddend)),
    owed: Math.min(1 / discountFactor, discount.owedBase * exp(owedExponent)),
  };
}

interface ValuedCollateral {
  readonly collateral: Pmrm2Collateral;
  /** The value in stablecoins. It rises when the stablecoin falls below its peg. */
  readonly value: number;
}

function arrangeCollaterals(collaterals: readonly Pmrm2Collateral[], stablePrice: number): ValuedCollateral[] {
  return collaterals
    .map((collateral, index) => {
      const field = `collaterals[${index}]`;
      requireNumber(`${field}.amount`, collateral.amount, 0);
      requireNumber(`${field}.price`, collateral.price, 0);
      requireConfidence(`${field}.confidence`, collateral.confidence);
      requireNumber(`${field}.maintenanceHaircut`, collateral.maintenanceHaircut, 0, 1);
      requireNumber(`${field}.additionalInitialHaircut`, collateral.additionalInitialHaircut, 0, 1);
      return { collateral, value: (collateral.amount * collateral.price) / stablePrice };
    })
    .sort((a, b) =>
      a.collateral.asset < b.collateral.asset ? -1 : a.collateral.asset > b.collateral.asset ? 1 : a.value - b.value,
    );
}
