import { exp } from "../../numbers/index.ts";
import { arrangePortfolio, requireNumber } from "./arrange.ts";
import { buildDeriveGrid, type DeriveGrid } from "./grid.ts";
import type { DerivePortfolio, DeriveScanResult } from "./holdings.ts";
import type { Pmrm1Parameters } from "./parameters.ts";
import {
  accountConfidence,
  confidenceCharge,
  pegSurcharge,
  priceExpiry,
  scanLosses,
  scanResult,
  worstOf,
} from "./scan.ts";
import { yearsLeft } from "./time.ts";
import { type DeriveUnitValues, deriveUnitValues } from "./unit-values.ts";

export interface Pmrm1Portfolio extends DerivePortfolio {
  /** The units of the underlying held as collateral, at least 0. They move in the scenarios. */
  readonly baseAmount: number;
}

/**
 * Computes the margin of one account under Derive's first portfolio manager, PMRM (derivexyz/v2-core; docs/sources.md,
 * Derive portfolio managers). It follows the published rules and is not the venue's own number. Options are valued
 * without interest. The initial factor multiplies the scan loss and the contingencies, but not the confidence charge.
 * Arguments and errors are as in `computePmrm2`.
 */
export function computePmrm1(
  portfolio: Pmrm1Portfolio,
  parameters: Pmrm1Parameters,
  grid: DeriveGrid = buildDeriveGrid(parameters.scenarios, parameters.basis),
  unitValues: DeriveUnitValues = deriveUnitValues,
): DeriveScanResult {
  const arranged = arrangePortfolio(portfolio);
  const { spotPrice, perpetual } = arranged;
  const { contingency, trust, volatility, basis, discount } = parameters;
  const baseAmount = requireNumber("baseAmount", arranged.baseAmount, 0);
  const confidence = accountConfidence(arranged);
  const pricing = { grid, volatility, basis, skew: null, unitValues };
  const expiries = arranged.expiries.map((expiry) => {
    const years = yearsLeft(expiry.secondsToExpiry);
    const rate = Math.max(0, expiry.rate) * discount.ownedRateMultiplier + discount.ownedRateAddend;
    return priceExpiry(expiry, confidence, 1, { owned: discount.ownedBase * exp(-years * rate), owed: 1 }, pricing);
  });

  const perpetualNotional = Math.abs(perpetual?.amount ?? 0) * spotPrice;
  const baseNotional = baseAmount * spotPrice;
  const baseValue = baseNotional / arranged.stablePrice;
  let equity = baseValue + (perpetual?.unrealisedCash ?? 0);
  let basisLoss = 0;
  let nakedNotional = 0;
  let confidenceSum = confidenceCharge(confidence, perpetualNotional + baseNotional, trust);
  for (const expiry of expiries) {
    equity += expiry.mark;
    basisLoss += expiry.basisLoss;
    nakedNotional += expiry.nakedShorts * spotPrice;
    confidenceSum += confidenceCharge(expiry.confidence, expiry.grossOptions * spotPrice, trust);
  }
  equity += arranged.cash;

  const losses = scanLosses(arranged, expiries, baseValue, grid);
  const worstLoss = worstOf(losses, basisLoss).loss;
  const charged = {
    scan_loss: worstLoss,
    perpetual_contingency: perpetualNotional * contingency.perpetualRate,
    base_contingency: baseNotional * contingency.baseRate,
    option_contingency: nakedNotional * contingency.optionRate,
  };
  const names = ["scan_loss", "perpetual_contingency", "base_contingency", "option_contingency"] as const;
  const total = names.reduce((sum, name) => sum + charged[name], 0);
  return scanResult(equity, losses, basisLoss, [
    ...names.map((name) => ({
      name,
      initial: charged[name] * parameters.initialFactor,
      maintenance: charged[name],
    })),
    { name: "depeg_charge", initial: total * pegSurcharge(arranged.stablePrice, trust), maintenance: 0 },
    { name: "confidence_charge", initial: confidenceSum, maintenance: 0 },
  ]);
}
