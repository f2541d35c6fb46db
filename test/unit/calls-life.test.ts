import type { LedgerAccount } from "@plimsoll/ledger";
import {
  createMarginEngine,
  defaultParameters,
  type MarketSnapshot,
  type Severity,
  severityRank,
} from "@plimsoll/risk";
import { toNumber } from "@plimsoll/schema";
import type { CommittedChange } from "@plimsoll/store";
import { describe, expect, it } from "vitest";
import { explainPool } from "../../packages/app/src/explain/explain-pool.ts";
import { type Before, type Decision, type DecisionContext, decidePool } from "../../packages/app/src/margin/decide.ts";
import { poolsOf } from "../../packages/app/src/margin/stored-pools.ts";
import { inputsOf } from "../../packages/cli/src/explain/margin-inputs.ts";
import {
  expiryInDays,
  marketSnapshot,
  quotedOption,
  quotedPerpetual,
  asOfMs as snapshotMs,
  underlyingState,
} from "../support/market.ts";

const market: MarketSnapshot = marketSnapshot(
  [underlyingState("BTC", 70_000)],
  [
    quotedOption(
      {
        instrumentId: "C",
        underlying: "BTC",
        optionType: "call",
        strike: 80_000,
        settlement: "linear",
        quoteCurrency: "USD",
        expiryMs: expiryInDays(30),
      },
      70_000,
      0.6,
    ),
    quotedPerpetual({ instrumentId: "P", underlying: "BTC" }, 70_000),
  ],
);

function contextOn(minute: number): DecisionContext {
  const snapshotId = `20260205T12${String(minute).padStart(2, "0")}00000Z-000000000000`;
  const snapshot = { ...market, snapshotId };
  return {
    market: {
      snapshot,
      parameters: defaultParameters,
      engine: createMarginEngine(snapshot, defaultParameters),
      priced: new Set(),
    },
    environment: "local",
    occurredAtMs: snapshotMs + minute * 60_000,
  };
}

type Holding = Pick<LedgerAccount, "positions">;

function decide(
  amount: number,
  { positions }: Holding,
  ledgerSequence: number,
  before: Before,
  minute: number,
): Pick<Decision, "row"> & { readonly committed: CommittedChange | null } {
  const account: LedgerAccount = {
    accountId: "a",
    poolCurrency: "USD",
    methodId: "portfolio",
    ledgerSequence,
    collateral: [{ asset: "USD", amount: amount.toFixed(2) }],
    positions,
    openOrders: [],
    pools: [],
  };
  const [pool] = poolsOf([{ accountId: "a", ledgerSequence, account, problem: null }], []);
  if (pool === undefined) throw new Error("no pool");
  const { row, change } = decidePool(pool, before, contextOn(minute));
  return change === null ? { row, committed: null } : change.announce([]);
}

const books: readonly (readonly [string, Holding, number])[] = [
  ["a short perpetual", { positions: [{ instrumentId: "P", quantity: "-1", entryPrice: "70000" }] }, 0],
  ["a call sold", { positions: [{ instrumentId: "C", quantity: "-2", entryPrice: "0" }] }, 5_000],
  [
    "a call bought beside a short perpetual",
    {
      positions: [
        { instrumentId: "C", quantity: "1", entryPrice: "0" },
        { instrumentId: "P", quantity: "-1", entryPrice: "70000" },
      ],
    },
    -1_500,
  ],
];

describe("the life of a call", () => {
  it.each(books)("of %s ends with a deposit of exactly what each of its messages asked for", (_, holding, least) => {
    const severities = new Set<Severity>();
    for (let cash = least; cash < least + 12_000; cash += 331) {
      const called = decide(cash, holding, 1, { row: undefined, state: undefined }, 0);
      const { event } = called.committed ?? {};
      if (event === undefined || severityRank(event.severity) < severityRank("MARGIN_CALL")) continue;
      severities.add(event.severity);
      const paid = cash + toNumber(event.amount_required);
      let row = called.row;
      const told: string[] = [];
      for (let minute = 1; minute <= defaultParameters.severity.cleanSweepsToLeave; minute += 1) {
        const decision = decide(paid, holding, 2, { row, state: undefined }, minute);
        if (decision.committed !== null) told.push(decision.committed.event.event_type);
        row = decision.row;
      }
      expect(told, `cash ${cash}`).toEqual(["margin.call.cured"]);
      expect(row).toMatchObject({ severity: "NORMAL", call: null });
    }
    expect(severities.size).toBeGreaterThan(1);
  });

  it.each(books)("of %s asks for what explain says restores the account", (_, holding, least) => {
    for (const cash of [least, least + 2_000]) {
      const { event } = decide(cash, holding, 1, { row: undefined, state: undefined }, 0).committed ?? {};
      if (event === undefined || Number(event.amount_required) === 0) continue;
      const { snapshot, engine } = contextOn(0).market;
      const { state } = inputsOf(
        {
          account_id: "a",
          pool_currency: "USD",
          method_id: "portfolio",
          collateral: [{ asset: "USD", amount: cash.toFixed(2) }],
          positions: holding.positions.map(({ instrumentId, quantity, entryPrice }) => ({
            instrument_id: instrumentId,
            quantity,
            entry_price: entryPrice,
          })),
          open_orders: [],
          pools: [],
        },
        "portfolio",
        snapshot,
        defaultParameters,
        null,
      );
      const result = engine.margin(state.pool);
      if (result.status !== "margined") throw new Error(result.value);
      const report = explainPool({
        state,
        result,
        engine,
        restores: "NORMAL",
        poolId: "cross",
        earlier: null,
      });
      expect(report.cures.list[0]).toMatchObject({ kind: "deposit", amount: event.amount_required });
    }
  });
});
