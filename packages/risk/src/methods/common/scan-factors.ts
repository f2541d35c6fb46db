import type { ParameterSet } from "../../model/index.ts";

/** An initial and a maintenance margin, or a factor for each. */
export interface BothMargins {
  readonly initial: number;
  readonly maintenance: number;
}

/**
 * Returns the initial and the maintenance margin for one unit of worst loss. The scan gives one of the two directly,
 * and the ratio of the set gives the other.
 */
export function scanFactors({
  scanGives,
  maintenanceToInitialRatio: ratio,
}: Pick<ParameterSet, "scanGives" | "maintenanceToInitialRatio">): BothMargins {
  return scanGives === "initial" ? { initial: 1, maintenance: ratio } : { initial: 1 / ratio, maintenance: 1 };
}

/**
 * Returns the members of a parameter set on which scanned requirements depend: the scans, and which of the
 * two margins they give.
 */
export function scannedTerms({ scan, scanGives, maintenanceToInitialRatio }: ParameterSet): object {
  return { scan, scanGives, maintenanceToInitialRatio };
}
