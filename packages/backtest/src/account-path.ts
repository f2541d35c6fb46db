import {
  type AccountResult,
  assessSeverity,
  type MarginedAccount,
  type NotMarginedAccount,
  type Severity,
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
  /** Equity at that moment, pool currency; 0 or less is a loss that the margin did not stop in time. */
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
  /** Of a real account, which has the cash it has and stays closed once it has reached the level of liquidation; else null. */
  readonly record: PathRecord | null;
}

/** What is kept of the one life of a real account. */
export interface PathRecord {
  /** Null until it is margined. */
  openedAs: Severity | null;
  gravest: Severity;
  /** Of the first margin call or graver; -1 before. */
  calledAtStep: number;
}

const atEase: SeverityState = { severity: "NORMAL", cleanSweeps: 0 };

export function openPath(isRecorded: boolean): Path {
  return {
    cash: isRecorded ? 0 : null,
    severity: atEase,
    warnedAtStep: -1,
    liquidations: [],
    record: isRecorded ? { openedAs: null, gravest: "NORMAL", calledAtStep: -1 } : null,
  };
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
  const { cash, record } = path;
  if (record !== null && path.liquidations.length > 0) return { ...result, cash };
  const quality = worstQuality([...result.units, { quality: result.collateralQuality }]);
  path.severity = assessSeverity(path.severity, result, parameters, quality);
  const { severity } = path.severity;
  const rank = severityRank(severity);
  if (rank === 0) path.warnedAtStep = -1;
  else if (path.warnedAtStep < 0) path.warnedAtStep = step;
  if (rank >= severityRank("LIQUIDATION")) {
    path.liquidations.push({ step, leadSteps: step - path.warnedAtStep, equity: result.equity });
    if (record === null) path.cash = null;
  }
  if (record !== null) {
    record.openedAs ??= severity;
    if (rank > severityRank(record.gravest)) record.gravest = severity;
    if (record.calledAtStep < 0 && rank >= severityRank("MARGIN_CALL")) record.calledAtStep = step;
  }
  return { ...result, cash };
}
