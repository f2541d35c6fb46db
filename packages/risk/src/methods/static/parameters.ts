import type { ObjectBounds } from "../bounds.ts";
import { type SizedParameters, sized } from "../size/parameters.ts";

/** What the method `static` has besides the rates of the scans. */
export type StaticMethodParameters = SizedParameters;

export const staticBounds: ObjectBounds<StaticMethodParameters> = { kind: "object", members: sized };
