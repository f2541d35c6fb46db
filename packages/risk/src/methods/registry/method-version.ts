import type { MethodId, MethodParameters, ParameterSet } from "../../model/index.ts";
import { canonicalJson, sha256Hex } from "../../numbers/index.ts";

/** Where a method's parameters stand in a set. */
export const methodKeys = {
  static: "static",
  isolated: "isolated",
  standard: "standard",
  span: "span",
  tims: "tims",
  portfolio: "portfolio",
  var: "var",
  portfolio_deribit: "portfolioDeribit",
  portfolio_okx: "portfolioOkx",
  portfolio_paradex: "portfolioParadex",
  portfolio_bybit: "portfolioBybit",
  derive_pmrm_2: "derivePmrm2",
  derive_pmrm_1: "derivePmrm1",
  derive_srm: "deriveSrm",
  account_ratio: "accountRatio",
} as const satisfies Readonly<Record<MethodId, keyof MethodParameters>>;

/** Number of a method's formulas: rises when the same parameters would give another requirement. */
const formulas: Readonly<Record<MethodId, number>> = {
  static: 3,
  isolated: 3,
  standard: 3,
  span: 3,
  tims: 3,
  portfolio: 4,
  var: 2,
  portfolio_deribit: 3,
  portfolio_okx: 3,
  portfolio_paradex: 3,
  portfolio_bybit: 3,
  derive_pmrm_2: 3,
  derive_pmrm_1: 3,
  derive_srm: 3,
  account_ratio: 3,
};

/** Digits of the hash that a version carries. */
const HASH_DIGITS = 12;

/**
 * What a requirement rests on: the method, the number of its formulas and the digits of a SHA-256 over its parameters, as
 * `portfolio_okx-2-0123456789ab`. `portfolio`, `static` and `var` take in the scans of the set,
 * and what is measured jointly its scenario sets.
 */
export function methodVersion(parameters: ParameterSet, methodId: MethodId): string {
  let versions = known.get(parameters);
  if (versions === undefined) {
    versions = new Map();
    known.set(parameters, versions);
  }
  let version = versions.get(methodId);
  if (version === undefined) {
    const own = parameters.methods[methodKeys[methodId]];
    const { scan, scanGives, maintenanceToInitialRatio, scenarioSets, methods } = parameters;
    const scanned = methodId === "portfolio" || methodId === "static" || methodId === "var";
    const isJoint = methodId === "var" || (methodId === "portfolio" && methods.portfolio.floorBy === "var");
    const joint = isJoint ? { floor: methods.var, scenarioSets } : {};
    const hash = sha256Hex(
      canonicalJson(scanned ? { own, scan, scanGives, maintenanceToInitialRatio, ...joint } : own),
    );
    version = `${methodId}-${formulas[methodId]}-${hash.slice(0, HASH_DIGITS)}`;
    versions.set(methodId, version);
  }
  return version;
}

const known = new WeakMap<ParameterSet, Map<MethodId, string>>();
