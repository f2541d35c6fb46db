import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  createMarginEngine,
  defaultParameters,
  type MethodId,
  type MethodRegistration,
  methodRegistry,
  type ObjectBounds,
  type ParameterRules,
  plainMethod,
  readsHoldings,
  type SizedParameters,
  sized,
  supports,
} from "@plimsoll/risk";
import { readBounds } from "@plimsoll/schema";
import { describe, expect, it } from "vitest";
import { chain } from "../support/books.ts";
import { accountWith } from "../support/market.ts";

/*
 * The recipe "Add a margin method" of CONTRIBUTING.md, followed with a method that asks for a share of the index by contract. What
 * its folder would hold is written here in the order of the recipe; nothing of the engine or of the schema room knows of it.
 */

/** parameters.ts: the type and the bounds. */
interface ToyMethodParameters extends SizedParameters {
  readonly ratePerContract: number;
  readonly maintenanceShare: number;
}

const toyBounds: ObjectBounds<ToyMethodParameters> = {
  kind: "object",
  members: {
    ...sized,
    ratePerContract: { kind: "number", least: 0, most: 1 },
    maintenanceShare: { kind: "number", above: 0, most: 1 },
  },
  rules: ({ ratePerContract, maintenanceShare }) =>
    ratePerContract > maintenanceShare
      ? [{ path: ["ratePerContract"], value: ratePerContract, allowed: "at most maintenance_share" }]
      : [],
};

/** shipped.ts: the values that ship and the rules of the parameters. */
const toyParameterRules: ParameterRules<ToyMethodParameters> = {
  bounds: toyBounds,
  shipped: { size: [], ratePerContract: 0.1, maintenanceShare: 0.5 },
};

/** method.ts: the registration, with the formula. */
const toyMethod: MethodRegistration<ToyMethodParameters> = {
  ...toyParameterRules,
  formulas: 1,
  build: ({ ratePerContract, maintenanceShare }) => ({
    ...plainMethod,
    ...supports("toy rates", (underlying) => underlying !== "ETH"),
    unit: readsHoldings(({ holdings, indexPrice }) => {
      const contracts = holdings.reduce((sum, { quantity }) => sum + Math.abs(quantity), 0);
      const initial = contracts * indexPrice * ratePerContract;
      return {
        initial,
        maintenance: initial * maintenanceShare,
        components: [{ name: "futures_margin", amount: initial }],
        worstScenario: null,
      };
    }),
  }),
};

/** The lines of methods/method-parameters.ts, methods/parameter-rules.ts and methods/registry.ts. */
const toyId = "toy_method" as MethodId;
const registry = { ...methodRegistry, [toyId]: toyMethod };
const parameters = {
  ...defaultParameters,
  methods: { ...defaultParameters.methods, toyMethod: toyMethod.shipped },
};

const perpetual = (instrumentId: string) => ({ instrumentId, quantity: -2, entryPrice: 68_000 });
const accountOf = (instrumentId: string) =>
  accountWith({
    methodId: toyId,
    collateral: [{ asset: "USD", amount: 100_000 }],
    positions: [perpetual(instrumentId)],
  });

describe("a method that follows the recipe", () => {
  const engine = createMarginEngine(chain, parameters, registry);
  const bitcoin = chain.underlyings.find(({ underlying }) => underlying === "BTC");

  it("margins an account by its formula, under a version of its own", () => {
    const asked = 2 * (bitcoin?.indexPrice ?? Number.NaN) * toyMethod.shipped.ratePerContract;
    expect(engine.margin(accountOf("BTC_USDC-PERPETUAL"))).toMatchObject({
      status: "margined",
      methodId: toyId,
      methodVersion: expect.stringMatching(/^toy_method-1-[0-9a-f]{12}$/),
      initialMargin: asked,
      maintenanceMargin: asked * toyMethod.shipped.maintenanceShare,
    });
  });

  it("is asked by the engine for what it supports", () => {
    expect(engine.margin(accountOf("ETH_USDC-PERPETUAL"))).toMatchObject({
      status: "not_margined",
      code: "unsupported_instrument",
      value: expect.stringContaining("toy rates have no row for ETH"),
    });
  });

  it("is projected and has call prices as every other method", () => {
    const account = accountOf("BTC_USDC-PERPETUAL");
    const order = { orderId: "more", instrumentId: "BTC_USDC-PERPETUAL", quantity: -1, price: 68_000 };
    const projected = engine.projectMargin(account, [order]);
    expect(projected).toMatchObject({ status: "projected", worstOrderIds: ["more"] });
    expect(engine.callPrices(account).some(({ price }) => price !== null)).toBe(true);
  });

  it("has its parameters checked by the bounds that it states, in the names of files", () => {
    const schema = readBounds<ToyMethodParameters>(toyBounds);
    expect(schema.safeParse({ size: [], rate_per_contract: 0.1, maintenance_share: 0.5 }).success).toBe(true);
    const refused = [
      [{ size: [], rate_per_contract: 2, maintenance_share: 0.5 }, ["rate_per_contract"]],
      [{ size: [], rate_per_contract: 0.6, maintenance_share: 0.5 }, ["rate_per_contract"]],
      [{ size: [], rate_per_contract: 0.1 }, ["maintenance_share"]],
      [{ size: [], rate_per_contract: 0.1, maintenance_share: 0.5, surprise: 1 }, []],
    ] as const;
    for (const [given, path] of refused) expect(schema.safeParse(given).error?.issues[0]).toMatchObject({ path });
  });
});

describe("the recipe", () => {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const [, recipe = ""] = readFileSync(`${root}CONTRIBUTING.md`, "utf8").split("### Add a margin method\n");
  const [own = ""] = recipe.split(/^##/m);
  const paths = [...own.matchAll(/`((?:packages|test|docs)\/[^`]+)`/g)].map(([, path = ""]) => path);

  it("names files that there are for a method that ships, about ten of them", () => {
    const steps = own.match(/^\d+\. /gm) ?? [];
    expect(steps.length).toBeLessThanOrEqual(12);
    expect(paths.filter((path) => !existsSync(root + path.replace("<id>", "tims")))).toEqual([]);
  });

  // Seen to fail: seven of the folders had their values beside the formula.
  it("is what the folders that ship follow: parameters and shipped values load no formula", () => {
    const methods = `${root}packages/risk/src/methods/`;
    const folders = readdirSync(methods).filter((folder) => existsSync(`${methods}${folder}/parameters.ts`));
    const formulaFree =
      /^(\.\.\/bounds|\.\/parameters|\.\.\/\w+\/(parameters|presets|scan-bounds)|\.\.\/\.\.\/scenarios\/scenario-set)\.ts$/;
    const loaded = folders.flatMap((folder) =>
      ["parameters.ts", "shipped.ts"]
        .map((file) => `${methods}${folder}/${file}`)
        .filter((path) => existsSync(path))
        .flatMap((path) => [...readFileSync(path, "utf8").matchAll(/^import (?!type)[^;]*? from "(.*)";/gm)])
        .map(([, file = ""]) => `${folder}: ${file}`),
    );
    expect(folders.length).toBeGreaterThanOrEqual(12);
    expect(loaded.filter((line) => !formulaFree.test(line.split(": ")[1]!))).toEqual([]);
  });
});

describe("methods that ship", () => {
  it.each(Object.entries(methodRegistry))("%s ships parameters within its own bounds", (_, registration) => {
    const { bounds, shipped }: MethodRegistration = registration;
    const names = Object.keys(bounds.members);
    expect(names.toSorted()).toEqual(Object.keys(shipped).toSorted());
  });
});
