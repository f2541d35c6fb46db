import type { ObjectBounds } from "../bounds.ts";
import { type SizedParameters, sized } from "../size/parameters.ts";

/** The parameters that the method `static` has besides its rates, which are in the scans. */
export type StaticMethodParameters = SizedParameters;

export const staticBounds: ObjectBounds<StaticMethodParameters> = { kind: "object", members: sized };
