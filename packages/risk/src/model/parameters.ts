import type { MethodId, MethodParameters } from "../methods/method-parameters.ts";
import type { JointScenarioSet } from "../scenarios/joint.ts";
import type { CollateralParameters, PegOffset } from "./collateral.ts";
import type { ScanParameters } from "./scan.ts";

/** The severities from harmless to gravest. Their order is that of the ladder. */
export const severities = ["NORMAL", "WARNING", "MARGIN_CALL", "REDUCE_ONLY", "LIQUIDATION", "BANKRUPT"] as const;

export type Severity = (typeof severities)[number];

/** Returns the place of a severity on the ladder, from 0 for NORMAL. */
export function severityRank(severity: Severity): number {
  return severities.indexOf(severity);
}

/**
 * One rung of the ladder. A severity is entered when requirement / balance is at least the enter ratio. It is left when
 * the ratio stays below the leave ratio for enough sweeps.
 */
export interface SeverityRung {
  readonly severity: Exclude<Severity, "NORMAL" | "BANKRUPT">;
  readonly requirement: "initial" | "maintenance";
  readonly enterRatio: number;
  readonly leaveRatio: number;
}

export interface SeverityParameters {
  /** The rungs in order from mild to grave. */
  readonly rungs: readonly SeverityRung[];
  /** The number of sweeps in a row that must be below the leave ratio before the severity comes down. */
  readonly cleanSweepsToLeave: number;
}

/** A complete, versioned parameter set. Results name its version, and can be recomputed with no other parameters. */
export interface ParameterSet {
  readonly parametersVersion: string;
  /**
   * The requirement that the scan gives directly. The ratio below gives the other one, with maintenance at most
   * initial.
   */
  readonly scanGives: "initial" | "maintenance";
  readonly maintenanceToInitialRatio: number;
  readonly scan: readonly ScanParameters[];
  readonly methods: MethodParameters;
  readonly collateral: readonly CollateralParameters[];
  /** The pairs of stablecoins that net against each other. No other stablecoins do. */
  readonly pegOffsets: readonly PegOffset[];
  readonly severity: SeverityParameters;
  readonly defaultMethodId: MethodId;
  /** Margin history is written when the margin ratio moved by more than this since it was last written. */
  readonly historyTolerance: number;
  /**
   * The hours of expected funding that a position which pays funding must hold as part of both margins, from 0 to 720.
   * A value of 0 charges none. Paradex provides for 8 hours (docs/sources.md, Paradex portfolio margin), which is the
   * shipped default.
   */
  readonly fundingHorizonHours: number;
  /** The joint scenarios that methods name by id. A set here replaces the shipped set with the same id. */
  readonly scenarioSets: readonly JointScenarioSet[];
}
