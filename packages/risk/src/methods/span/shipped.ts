import type { ParameterRules } from "../bounds.ts";
import { unsized } from "../size/parameters.ts";
import { defaultSpanParameters } from "./holdings-book.ts";
import { type SpanMethodParameters, spanBounds } from "./parameters.ts";

export const spanParameterRules: ParameterRules<SpanMethodParameters> = {
  bounds: spanBounds,
  shipped: { ...unsized, ...defaultSpanParameters },
};
