import type { ScanParameters } from "../../model/index.ts";
import { confidenceCharge, type UnitExposure, type UnitMeasure } from "../unit-measure.ts";

/** What the method `static` reads of a unit. */
export interface StaticExposure extends UnitExposure {
  /** Units of the underlying that all positions stand for, longs and shorts added; an option counts in full. */
  readonly grossNotional: number;
}

const componentNames = ["static_charge", "confidence_charge"] as const;

/**
 * The baseline `static`: a fixed share of the gross notional, whatever offsets whatever. The requirement is the initial
 * one; maintenance has a share of its own.
 */
export function measureStaticUnit(scan: ScanParameters, exposure: StaticExposure): UnitMeasure {
  const notional = exposure.grossNotional * exposure.indexPrice;
  const requirement = scan.staticInitialRate * notional;
  const confidence = confidenceCharge(exposure);
  return {
    requirement,
    initial: requirement + confidence,
    maintenance: scan.staticMaintenanceRate * notional,
    componentNames,
    amounts: [requirement, confidence],
    worstScenario: -1,
    worstLoss: 0,
  };
}
