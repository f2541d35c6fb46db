import {
  type AccountResult,
  assessSeverity,
  type MarginedAccount,
  type NotMarginedAccount,
  type SeverityParameters,
  type SeverityState,
  severityRank,
  worstQuality,
} from "@plimsoll/risk";

/** Cash of an account when it is opened: this many times the initial margin, coins and gains counted. */
export const openingMultiple = 1.5;

/** One account that reached the level of liquidation. */
export interface Liquidation {
  readonly step: number;
  /** Steps since its severity last left NORMAL; 0 when it was not warned before. */
  readonly leadSteps: number;
  /** Equity at that moment, US dollars; 0 or less is a loss that the margin did not stop in time. */
  readonly equity: number;
}

/**
 * The life of one account under one method: opened with a multiple of its initial margin, swept at each step, and opened
 * anew after it has reached the level of liquidation or what it holds has been rolled.
 */
export interface Path {
  /** US dollars; null until it is opened. */
  cash: number | null;
  severity: SeverityState;
  warnedAtStep: number;
  readonly liquidations: Liquidation[];
}

const atEase: SeverityState = { severity: "NORMAL", cleanSweeps: 0 };

export function openPath(): Path {
  return { cash: null, severity: atEase, warnedAtStep: -1, liquidations: [] };
}

/** Sweeps the account once; `margin` is the live engine's, by cash. The result carries the cash it was computed with. */
export function takeStep(
  path: Path,
  margin: (cash: number) => AccountResult,
  parameters: SeverityParameters,
  step: number,
): (MarginedAccount & { readonly cash: number }) | NotMarginedAccount {
  let result: AccountResult;
  if (path.cash === null) {
    const bare = margin(0);
    if (bare.status === "not_margined") return bare;
    path.cash = Math.max(0, openingMultiple * bare.initialMargin - bare.marginBalance);
    path.severity = atEase;
    path.warnedAtStep = -1;
    result = margin(path.cash);
  } else result = margin(path.cash);
  if (result.status === "not_margined") return result;
  const { cash } = path;
  const quality = worstQuality([...result.units, { quality: result.collateralQuality }]);
  path.severity = assessSeverity(path.severity, result, parameters, quality);
  const rank = severityRank(path.severity.severity);
  if (rank === 0) path.warnedAtStep = -1;
  else if (path.warnedAtStep < 0) path.warnedAtStep = step;
  if (rank >= severityRank("LIQUIDATION")) {
    path.liquidations.push({ step, leadSteps: step - path.warnedAtStep, equity: result.equity });
    path.cash = null;
  }
  return { ...result, cash };
}
