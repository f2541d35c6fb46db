export { measurePortfolioUnit, type PortfolioExposure } from "./portfolio.ts";
export { measureStaticUnit, type StaticExposure } from "./static.ts";
export type { UnitExposure, UnitMeasure } from "./unit-measure.ts";
