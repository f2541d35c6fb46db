import {
  type Account,
  defaultParameters,
  type MarginedAccount,
  type MethodId,
  methodIds,
  severities,
  severityOf,
} from "@plimsoll/risk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertySettings } from "../support/books.ts";
import { engineFor } from "../support/collateral.ts";
import { accounts, assets, sizes, slack, snapshots, withBalance } from "../support/collateral-books.ts";

const settings = { ...propertySettings, numRuns: 150 };

const severityRank = (result: MarginedAccount) => severities.indexOf(severityOf(result, defaultParameters.severity));

describe.each(methodIds)("under %s", (methodId) => {
  const engines = new Map<object, ReturnType<typeof engineFor>>();
  const resultOf = (snapshot: Parameters<typeof engineFor>[0], account: Account) => {
    const engine = engines.get(snapshot!) ?? engineFor(snapshot);
    engines.set(snapshot!, engine);
    const result = engine.margin({ ...account, methodId });
    return result.status === "margined" && result.incomplete === undefined ? result : null;
  };

  it("a deposit never lowers what is available and never raises the severity", () => {
    fc.assert(
      fc.property(
        accounts,
        snapshots,
        fc.constantFrom(...assets),
        fc.constantFrom(1, 1_000, 50_000, 2_000_000, 40_000_000),
        (account, snapshot, asset, valueUsd) => {
          const less = resultOf(snapshot, account);
          const more = resultOf(snapshot, withBalance(account, asset, valueUsd / sizes[asset]!));
          if (less === null || more === null) return;
          const rounding = slack(withBalance(account, asset, valueUsd / sizes[asset]!)) + 1e-9 * less.initialMargin;
          expect(more.availableFunds).toBeGreaterThanOrEqual(less.availableFunds - rounding);
          expect(more.marginHeadroom).toBeGreaterThanOrEqual(less.marginHeadroom - rounding);
          expect(severityRank(more)).toBeLessThanOrEqual(severityRank(less));
        },
      ),
      settings,
    );
  });

  it.skipIf(methodId === "isolated")("booking the gains of positions as balance changes nothing", () => {
    fc.assert(
      fc.property(accounts, snapshots, (account, snapshot) => {
        const booked = settled(account, snapshot);
        const before = resultOf(snapshot, account);
        const after = resultOf(snapshot, booked);
        if (before === null || after === null) return;
        const rounding = slack(account) + slack(booked);
        if (chargeLoans.has(methodId) && booked.collateral.some(({ amount }) => amount < 0)) return;
        for (const figure of [
          "equity",
          "marginBalance",
          "initialMarginBalance",
          "initialMargin",
          "maintenanceMargin",
        ] as const) {
          expect(Math.abs(after[figure] - before[figure]), figure).toBeLessThanOrEqual(rounding);
        }
      }),
      settings,
    );
  });
});

/** Their publishers ask for loans as such, so that a loss booked is a loan and one that is not yet booked is none. */
const chargeLoans: ReadonlySet<MethodId> = new Set(["portfolio_okx", "account_ratio"]);

/** The account with its futures and perpetuals entered anew at their marks and what they had gained or lost as balance. */
function settled(account: Account, { instruments }: NonNullable<Parameters<typeof engineFor>[0]>): Account {
  let booked = account;
  const positions = account.positions.map((position) => {
    const quoted = instruments.find(({ instrument }) => instrument.instrumentId === position.instrumentId)!;
    const { instrument, markPrice } = quoted;
    if (instrument.kind === "option") return position;
    const { quantity, entryPrice } = position;
    const isInverse = instrument.settlement === "inverse";
    const gained = isInverse ? 1 / entryPrice - 1 / markPrice : markPrice - entryPrice;
    const currency = isInverse ? instrument.underlying : instrument.quoteCurrency;
    booked = withBalance(booked, currency, quantity * instrument.contractSize * gained);
    return { ...position, entryPrice: markPrice };
  });
  return { ...booked, positions };
}
