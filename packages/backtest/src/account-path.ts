import {
  assessSeverity,
  type MarginedPool,
  type NotMarginedPool,
  type PoolResult,
  type Severity,
  type SeverityParameters,
  type SeverityState,
  severityRank,
  worstQuality,
} from "@plimsoll/risk";

/**
 * A generated account is opened with enough cash to raise its margin balance to this multiple of its initial margin.
 * Its coins and unrealised gains count towards the balance.
 */
export const openingMultiple = 1.5;

/** An event of one account: it reached the severity LIQUIDATION or a graver one. */
export interface Liquidation {
  readonly step: number;
  /** The number of steps since the severity last left NORMAL. It is 0 when the account had no earlier warning. */
  readonly leadSteps: number;
  /** The equity at that step, in the pool currency. At 0 or below, the margin did not stop the loss in time. */
  readonly equity: number;
}

/**
 * The life of one account under one method. A generated account opens with a multiple of its initial margin and is
 * swept at each step. It opens anew after it has reached LIQUIDATION or its holding has been rolled.
 */
export interface Path {
  /** The cash that was put in, in US dollars, or null while the account is not open. It is 0 for a recorded account. */
  cash: number | null;
  severity: SeverityState;
  warnedAtStep: number;
  readonly liquidations: Liquidation[];
  /**
   * What is kept of a recorded account, or null for a generated one. A recorded account gets no cash, and it stays
   * closed once it has reached LIQUIDATION.
   */
  readonly record: PathRecord | null;
}

/** What is kept of a recorded account, which is opened only once. */
export interface PathRecord {
  /** The severity at its first margined step; null before that step. */
  openedAs: Severity | null;
  gravest: Severity;
  /** The step of the first margin call or graver severity; -1 before it. */
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

/**
 * Sweeps the account once and updates its path. `margin` is the live engine's result for an amount of cash in US
 * dollars. The returned result carries the cash that it was computed with.
 */
export function takeStep(
  path: Path,
  margin: (cash: number) => PoolResult,
  parameters: SeverityParameters,
  step: number,
): (MarginedPool & { readonly cash: number }) | NotMarginedPool {
  let result: PoolResult;
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
