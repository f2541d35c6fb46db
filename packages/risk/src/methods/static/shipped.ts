import type { ParameterRules } from "../bounds.ts";
import { unsized } from "../size/parameters.ts";
import { type StaticMethodParameters, staticBounds } from "./parameters.ts";

export const staticParameterRules: ParameterRules<StaticMethodParameters> = {
  bounds: staticBounds,
  shipped: unsized,
};
