import type { ScanParameters } from "../../model/index.ts";
import { confidenceCharge, type ScanExposure, type UnitMeasure } from "../unit-measure.ts";

const componentNames = ["static_charge", "confidence_charge"] as const;

/**
 * Computes the requirement of the baseline method `static` in pool currency: a fixed share of the gross notional,
 * without any offsets. `requirement` is that of initial margin, and maintenance margin has a rate of its own.
 */
export function measureStaticUnit(scan: ScanParameters, exposure: ScanExposure): UnitMeasure {
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
