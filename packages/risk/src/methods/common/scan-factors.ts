import type { ParameterSet } from "../../model/index.ts";

/** Both margins, or amounts of both. */
export interface BothMargins {
  readonly initial: number;
  readonly maintenance: number;
}

/** Both margins for one unit of a worst loss. */
export function scanFactors({
  scanGives,
  maintenanceToInitialRatio: ratio,
}: Pick<ParameterSet, "scanGives" | "maintenanceToInitialRatio">): BothMargins {
  return scanGives === "initial" ? { initial: 1, maintenance: ratio } : { initial: 1 / ratio, maintenance: 1 };
}

/** What a requirement rests on that is scanned: the scans of the set, and which margin they give. */
export function scannedTerms({ scan, scanGives, maintenanceToInitialRatio }: ParameterSet): object {
  return { scan, scanGives, maintenanceToInitialRatio };
}
