export { accrueInterest, borrowRate, cashUtilisationCurve, supplyRate, type UtilisationCurve } from "./interest.ts";
