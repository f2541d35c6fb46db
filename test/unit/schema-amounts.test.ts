import { createMarginEngine, defaultParameters, type MarginedPool } from "@plimsoll/risk";
import {
  AmountError,
  callPriceText,
  distancePercentText,
  priceText,
  ratioText,
  requirementText,
  stateMargin,
  subtractAmounts,
  valueText,
} from "@plimsoll/schema";
import { describe, expect, it } from "vitest";
import { accountWith, marketSnapshot, quotedPerpetual, underlyingState } from "../support/market.ts";

describe("amounts", () => {
  it("state what is owed rounded up and what is owned rounded down", () => {
    expect(requirementText(10.001, "USD")).toBe("10.01");
    expect(valueText(10.009, "USD")).toBe("10.00");
    expect(valueText(-10.001, "USD")).toBe("-10.01");
    expect(requirementText(1e-9, "BTC")).toBe("0.00000001");
    expect(valueText(1e-9, "BTC")).toBe("0.00000000");
  });

  it("have no negative zero", () => {
    expect(requirementText(-0.001, "USD")).toBe("0.00");
    expect(valueText(-0, "USD")).toBe("0.00");
  });

  it("refuse what is no amount", () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1e24]) {
      expect(() => valueText(value, "USD")).toThrow(AmountError);
    }
  });

  it("state ratios, prices and distances so that danger is never understated", () => {
    expect(ratioText(0.9999991)).toBe("1.000000");
    expect(callPriceText(61_300.001, "down")).toBe("61300.01");
    expect(callPriceText(61_300.009, "up")).toBe("61300.00");
    expect(callPriceText(0.123456789, "up")).toBe("0.12345678");
    expect(callPriceText(2.34561, "down")).toBe("2.3457");
    expect(callPriceText(0.0000000025, "down")).toBe("0.0000000025");
    expect(callPriceText(0.00000000274619, "up")).toBe("0.0000000027461");
    expect(callPriceText(61_300.0001, "down", 0.0002)).toBe("61300.0001");
    expect(distancePercentText(-0.04199)).toBe("-4.19");
    expect(distancePercentText(0.04199)).toBe("4.19");
  });

  it("name a price with the digits that give it back", () => {
    for (const price of [0.1 + 0.2, 67_985.12, 1e-7, 1e21]) expect(Number(priceText(price))).toBe(price);
    expect(priceText(1e21)).toBe("1000000000000000000000");
  });

  it("subtract exactly", () => {
    expect(subtractAmounts("0.30", "0.10")).toBe("0.20");
    expect(subtractAmounts("100.00", "100.01")).toBe("-0.01");
  });
});

describe("the figures of an account as they are stored and told", () => {
  const position = { instrumentId: "P", quantity: 1, entryPrice: 50_000 };
  const snapshot = marketSnapshot(
    [underlyingState("BTC", 50_000)],
    [quotedPerpetual({ instrumentId: "P", underlying: "BTC" }, 50_000)],
  );
  const result = createMarginEngine(snapshot, defaultParameters).margin(
    accountWith({ collateral: [{ asset: "USD", amount: 20_000 }], positions: [position] }),
  );

  // A third of a cent lies between what is owed and what is owned, on either side of zero.
  it.each([1.003, -1.003])("are each rounded against it (I6): %s", (figure) => {
    if (result.status === "not_margined") throw new Error("not margined");
    const basis = { initialMargin: figure, initialMarginBalance: figure, maintenanceMargin: figure };
    const same = { ...basis, marginBalance: figure, equity: figure, marginRatio: 0.1234561 };
    const [unit] = result.units;
    const figures: MarginedPool = {
      ...result,
      ...same,
      severityBasis: { ...basis, marginBalance: figure, greatestDebt: figure },
      components: [{ name: "scan_risk", underlying: "BTC", amount: figure }],
      units: [{ ...unit!, worstScenario: { ...unit!.worstScenario!, loss: figure } }],
    };
    const [owed, owned] = figure > 0 ? ["1.01", "1.00"] : ["-1.00", "-1.01"];
    expect(stateMargin(figures, 1)).toMatchObject({
      equity: owned,
      marginBalance: owned,
      initialMarginBalance: owned,
      initialMargin: owed,
      maintenanceMargin: owed,
      availableFunds: "-0.01",
      marginHeadroom: "-0.01",
      marginRatio: "0.123457",
      severityBasis: {
        initialMargin: owed,
        initialMarginBalance: owned,
        maintenanceMargin: owed,
        marginBalance: owned,
        greatestDebt: owed,
      },
      components: [{ amount: owed }],
      units: [{ worstScenario: { loss: owed } }],
    });
  });
});
