import { createScenarioSet, SCENARIO_LIMIT, type Scenario } from "@plimsoll/risk";
import { limits, marketSnapshot, shardWork, toWire } from "@plimsoll/schema";
import { describe, expect, it } from "vitest";
import { quotedPerpetual } from "../support/market.ts";

function moves(count: number): Scenario[] {
  return Array.from({ length: count }, (_, index) => ({
    priceMove: index / count,
    volatilityState: 0,
    extended: false,
    weight: 1,
    settlementMove: index / count,
  }));
}

describe("limits are checked where data enters", () => {
  it("4,096 scenarios in a set", () => {
    expect(limits.scenarios).toBe(SCENARIO_LIMIT);
    expect(createScenarioSet("BTC", moves(4_096)).scenarioCount).toBe(4_096);
    expect(() => createScenarioSet("BTC", moves(4_097))).toThrow("scenarios is 4097; it must be at most 4096");
  });

  it("5,000 instruments in a snapshot", () => {
    const instruments = (count: number) =>
      marketSnapshot.shape.instruments.safeParse(
        Array.from({ length: count }, (_, index) =>
          toWire(quotedPerpetual({ instrumentId: `BTC-${index}`, underlying: "BTC" }, 70_000)),
        ),
      );
    expect(instruments(5_000).success).toBe(true);
    expect(instruments(5_001).error?.issues[0]).toMatchObject({ code: "too_big", maximum: 5_000 });
  });

  const work = {
    schema_version: 1,
    snapshot_id: "20260205T155132535Z-0123456789ab",
    parameters_version: "default-0123456789ab",
    reason: "sweep",
    requested_at: "2026-02-05T15:51:32Z",
  };

  it("1,024 shards, and none beyond those there are", () => {
    expect(shardWork.safeParse({ ...work, shard: 1_023, shard_count: 1_024 }).success).toBe(true);
    const many = shardWork.safeParse({ ...work, shard: 0, shard_count: 1_025 });
    expect(many.error?.issues[0]).toMatchObject({ path: ["shard_count"], maximum: 1_024 });
    const beyond = shardWork.safeParse({ ...work, shard: 4, shard_count: 4 });
    expect(beyond.error?.issues).toMatchObject([{ path: ["shard"], message: "a shard below shard_count" }]);
  });
});
