import type { ParameterRules } from "../bounds.ts";
import { majors } from "../common/presets.ts";
import { unsized } from "../size/parameters.ts";
import { type BybitMethodParameters, bybitBounds } from "./parameters.ts";
import { bybitMajor } from "./requirement.ts";

export const bybitParameterRules: ParameterRules<BybitMethodParameters> = {
  bounds: bybitBounds,
  shipped: {
    ...unsized,
    coins: majors.map((underlying) => ({ ...bybitMajor, scan: { ...bybitMajor.scan, underlying } })),
  },
};
