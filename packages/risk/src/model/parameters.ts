import type { MethodId, MethodParameters } from "../methods/method-parameters.ts";
import type { JointScenarioSet } from "../scenarios/joint.ts";
import type { CollateralParameters, PegOffset } from "./collateral.ts";
import type { ScanParameters } from "./scan.ts";
import type { Severity } from "./severity.ts";

/** One rung of the ladder: entered when used / balance >= enter, left when it is below leave for enough sweeps. */
export interface SeverityRung {
  readonly severity: Exclude<Severity, "NORMAL" | "BANKRUPT">;
  readonly requirement: "initial" | "maintenance";
  readonly enterRatio: number;
  readonly leaveRatio: number;
}

export interface SeverityParameters {
  /** From mild to grave. */
  readonly rungs: readonly SeverityRung[];
  /** Sweeps in a row that must be below the leave ratio before the severity comes down. */
  readonly cleanSweepsToLeave: number;
}

/** A complete, versioned parameter set; results name its version and recompute from it alone. */
export interface ParameterSet {
  readonly parametersVersion: string;
  /** Which requirement the scan gives directly, and the factor that gives the other: maintenance <= initial. */
  readonly scanGives: "initial" | "maintenance";
  readonly maintenanceToInitialRatio: number;
  readonly scan: readonly ScanParameters[];
  readonly methods: MethodParameters;
  readonly collateral: readonly CollateralParameters[];
  /** Stablecoins that net; no others do. */
  readonly pegOffsets: readonly PegOffset[];
  readonly severity: SeverityParameters;
  readonly defaultMethodId: MethodId;
  /** Margin history is written when the margin ratio moved by more than this since it was last written. */
  readonly historyTolerance: number;
  /**
   * Hours of expected funding that a position which pays it must hold as part of both margins, 0 to 720; 0 charges
   * none. Paradex provides for 8 (docs/sources.md, Paradex portfolio margin), the shipped default.
   */
  readonly fundingHorizonHours: number;
  /** Joint scenarios that methods name by id; one of the same id as a set that ships takes its place. */
  readonly scenarioSets: readonly JointScenarioSet[];
}
