import { createHash } from "node:crypto";
import {
  createMarginEngine,
  defaultParameters,
  type MarginedPool,
  type MethodId,
  methodIds,
  methodVersion,
  type ParameterSet,
  sha256Hex,
} from "@plimsoll/risk";
import { decodeParameters, encodeParameters, nameParameters, parameterSet } from "@plimsoll/schema";
import { describe, expect, it } from "vitest";
import { chain } from "../support/books.ts";
import { accountWith } from "../support/market.ts";
import { parameterChanges } from "../support/method-facts.ts";

const { methods: shipped, ...withoutMethods } = encodeParameters(defaultParameters);

/** A set as a file states it: only the parts of methods that it changes. */
function setOf(methods: Record<string, unknown>): ParameterSet {
  const { parametersVersion, ...content } = decodeParameters({ ...withoutMethods, methods });
  return nameParameters(parametersVersion, content);
}

const strangle = [
  { instrumentId: "BTC-8D-74784-call-linear", quantity: -3, entryPrice: 1 },
  { instrumentId: "BTC-141D-57787-put-linear", quantity: -2, entryPrice: 1 },
  { instrumentId: "ETH-8D-1985-call-linear", quantity: 40, entryPrice: 1 },
];
const perpetuals = [
  { instrumentId: "BTC_USDC-PERPETUAL", quantity: 2, entryPrice: 68_000 },
  { instrumentId: "BTC-PERPETUAL", quantity: -60_000, entryPrice: 68_000 },
  { instrumentId: "ETH_USDC-PERPETUAL", quantity: -30, entryPrice: 2_000 },
];

function marginUnder(parameters: ParameterSet, methodId: MethodId): MarginedPool {
  const account = accountWith({
    methodId,
    collateral: [{ asset: "USD", amount: 300_000 }],
    positions: methodId === "account_ratio" ? perpetuals : [...strangle, ...perpetuals],
  });
  const result = createMarginEngine(chain, parameters).margin(account);
  if (result.status === "not_margined") throw new Error(`${methodId}: ${result.field} is ${result.value}`);
  return result;
}

describe.each(methodIds)("parameters of %s in a file", (methodId) => {
  const { change, bad, path, says } = parameterChanges[methodId];

  it("one that is changed changes the requirement, the version of the method and that of the set, and no other method", () => {
    const changed = setOf({ [methodId]: change });
    const before = marginUnder(defaultParameters, methodId);
    const after = marginUnder(changed, methodId);
    expect([after.initialMargin, after.maintenanceMargin]).not.toEqual([
      before.initialMargin,
      before.maintenanceMargin,
    ]);
    expect(after.methodVersion).not.toBe(before.methodVersion);
    expect(changed.parametersVersion).not.toBe(setOf({}).parametersVersion);
    for (const other of methodIds) {
      if (other === methodId) continue;
      expect(methodVersion(changed, other)).toBe(methodVersion(defaultParameters, other));
    }
  });

  it("one out of bounds is refused with its path and what it must be", () => {
    const parsed = parameterSet.safeParse({ ...withoutMethods, methods: { [methodId]: bad } });
    const issue = parsed.error?.issues.find((entry) => entry.path.join(".") === path);
    expect(parsed.error?.issues.map((entry) => entry.path.join("."))).toContain(path);
    expect(issue?.message).toContain(says);
  });

  it("one that is unknown is refused by name", () => {
    const parsed = parameterSet.safeParse({ ...withoutMethods, methods: { [methodId]: { surprise: 1 } } });
    expect(parsed.error?.issues[0]).toMatchObject({ path: ["methods", methodId], keys: ["surprise"] });
  });

  it("absent ones are as they ship, so that a set without them and one that spells them out are the same set", () => {
    expect(setOf({ [methodId]: {} })).toEqual(setOf({}));
    expect(setOf({})).toEqual(setOf(shipped));
    expect(decodeParameters(withoutMethods)).toEqual(decodeParameters({ ...withoutMethods, methods: shipped }));
  });
});

describe("a stored set", () => {
  it("carries every method in full, so that it recomputes to the same bytes when what ships has changed", () => {
    const stored = JSON.parse(
      JSON.stringify(encodeParameters(setOf({ portfolio_paradex: { fee_provision_rate: 0.01 } }))),
    );
    const again = decodeParameters(stored);
    for (const methodId of methodIds) {
      const own = parameterChanges[methodId];
      expect(Object.keys(stored.methods[methodId])).toEqual(expect.arrayContaining(Object.keys(own.change)));
    }
    expect(JSON.stringify(marginUnder(again, "portfolio_paradex"))).toBe(
      JSON.stringify(marginUnder(setOf({ portfolio_paradex: { fee_provision_rate: 0.01 } }), "portfolio_paradex")),
    );
  });

  it("refuses an extended move inside the scan range by path, value and remedy", () => {
    const [first, ...others] = withoutMethods.scan;
    if (first === undefined) throw new Error("no scan ships");
    const scan = [{ ...first, extended_moves: [-0.5, 0.05] }, ...others];
    const [issue] = parameterSet.safeParse({ ...withoutMethods, scan }).error?.issues ?? [];
    expect(issue).toMatchObject({ path: ["scan", 0, "extended_moves", 1] });
    expect(issue?.message).toBe("a move beyond the price_scan_range of 0.1, up or down");
  });

  it("refuses a floor of the days to expiry beyond the 30 days at which the powers change", () => {
    const [first, ...others] = withoutMethods.scan;
    if (first === undefined) throw new Error("no scan ships");
    const scan = [{ ...first, minimum_days_to_expiry: 31 }, ...others];
    const [issue] = parameterSet.safeParse({ ...withoutMethods, scan }).error?.issues ?? [];
    expect(issue).toMatchObject({ path: ["scan", 0, "minimum_days_to_expiry"], maximum: 30 });
  });

  it("refuses offsets between scans whose grids differ", () => {
    const scan = withoutMethods.scan.map((row) =>
      row.underlying === "ETH" ? { ...row, price_steps_per_side: 3 } : row,
    );
    const offsets = [{ name: "majors", underlyings: ["BTC", "ETH"], gain_share: 0.5, decorrelation: 0 }];
    const parsed = parameterSet.safeParse({ ...withoutMethods, scan, methods: { portfolio: { offsets } } });
    expect(parsed.error?.issues[0]).toMatchObject({ path: ["methods", "portfolio", "offsets", 0, "underlyings", 1] });
    expect(parsed.error?.issues[0]?.message).toContain("grid of one shape");
  });
});

describe("the hash behind a version", () => {
  it.each(["", "abc", "a".repeat(55), "b".repeat(56), "c".repeat(64), `Grüße ${"x".repeat(1000)}`])(
    "is the SHA-256 that the platform computes: %s",
    (text) => {
      expect(sha256Hex(text)).toBe(createHash("sha256").update(text).digest("hex"));
    },
  );

  it("does not depend on the order in which a file names things", () => {
    const { size, offsets, ...rest } = defaultParameters.methods.portfolio;
    const turned = { ...defaultParameters.methods, portfolio: { ...rest, offsets, size } };
    expect(methodVersion({ ...defaultParameters, methods: turned }, "portfolio")).toBe(
      methodVersion(defaultParameters, "portfolio"),
    );
  });
});
