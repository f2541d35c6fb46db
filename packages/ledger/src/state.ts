import type { LedgerAccount, LedgerRefusal, PoolHoldings, StateEvent } from "./account.ts";
import { Exact } from "./exact.ts";
import { sortBalances, sortPositions } from "./fill.ts";
import { sortOrders } from "./orders.ts";
import { sortPools } from "./pools.ts";

/** Builds the account that a state describes, with its lists sorted. A state that names something twice is refused. */
export function applyState(event: StateEvent): LedgerAccount | LedgerRefusal {
  const { kind: _, ...account } = event;
  const pools = event.pools.map((pool, index) => ({ pool, path: `pools[${index}].` }));
  const refusal =
    findRepeated(
      "pools",
      "pool_id",
      event.pools.map(({ poolId }) => poolId),
    ) ??
    [{ pool: event, path: "" }, ...pools]
      .map(({ pool, path }) => findRepeatedHolding(pool, path))
      .find((found) => found !== null);
  if (refusal) return refusal;
  return {
    ...account,
    ...inOrder(event),
    pools: sortPools(event.pools.map((pool) => ({ ...pool, ...inOrder(pool) }))),
  };
}

function inOrder({ collateral, positions, openOrders }: PoolHoldings): PoolHoldings {
  return {
    collateral: sortBalances(collateral.filter((balance) => !new Exact(balance.amount).isZero())),
    positions: sortPositions(positions.filter((position) => !new Exact(position.quantity).isZero())),
    openOrders: sortOrders(openOrders),
  };
}

function findRepeatedHolding({ collateral, positions, openOrders }: PoolHoldings, path: string): LedgerRefusal | null {
  return (
    findRepeated(
      `${path}positions`,
      "instrument_id",
      positions.map(({ instrumentId }) => instrumentId),
    ) ??
    findRepeated(
      `${path}collateral`,
      "asset",
      collateral.map(({ asset }) => asset),
    ) ??
    findRepeated(
      `${path}open_orders`,
      "order_id",
      openOrders.map(({ orderId }) => orderId),
    )
  );
}

/** Finds the first name that already occurred in the list. */
function findRepeated(list: string, member: string, names: readonly string[]): LedgerRefusal | null {
  const index = names.findIndex((name, place) => names.indexOf(name) < place);
  if (index < 0) return null;
  const problem = `each ${member.replace("_id", "")} once`;
  return { kind: "refused", field: `${list}[${index}].${member}`, value: names[index] ?? "", problem };
}
