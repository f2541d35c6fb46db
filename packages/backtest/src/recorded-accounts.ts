import { createHash } from "node:crypto";
import { type CsvRow, csvHeader, csvRows, InputError, Rejects, readText } from "@plimsoll/files";

/**
 * A recorded perpetual position. It has either contracts and an entry price, or its worth in US dollars when it is
 * opened. Quantity and worth are negative for a short.
 */
export type RecordedPosition =
  | { readonly kind: "sized"; readonly underlying: string; readonly quantity: number; readonly entryPrice: number }
  | { readonly kind: "worth"; readonly underlying: string; readonly notionalUsd: number };

/**
 * A recorded balance in units of `countedIn`. From the opening on, the account holds as many units of `asset` as that
 * amount was worth then.
 */
export interface RecordedBalance {
  readonly asset: string;
  readonly amount: number;
  readonly countedIn: string;
}

/**
 * What a real account held. It is opened once, at the first step from its record on, and is never topped up or opened
 * again.
 */
export interface RecordedAccount {
  /**
   * The time of the record in Unix milliseconds. If the record names none, it is null and the account opens at the
   * first step.
   */
  readonly recordedAtMs: number | null;
  readonly poolCurrency: string;
  readonly positions: readonly RecordedPosition[];
  readonly balances: readonly RecordedBalance[];
}

/** One row of a recorded set that can be replayed. */
export interface RecordedRow {
  readonly portfolioId: string;
  readonly recorded: RecordedAccount;
}

/** The number of rows that are left out for one reason and one subject. */
export interface LeftOut {
  readonly reason: "no_candles" | "outside_the_replay" | "unknown_collateral";
  /** The coin that the reason is about, or an empty text. */
  readonly subject: string;
  readonly count: number;
}

/** A recorded set as it is read from a file. */
export interface AccountSet {
  readonly name: string;
  readonly file: string;
  readonly sha256: string;
  /** The number of rows, without the header. */
  readonly rowCount: number;
  readonly rows: readonly RecordedRow[];
  readonly leftOut: readonly LeftOut[];
  readonly rejected: number;
}

/**
 * Reads one row. Returns null if the row holds collateral of an unknown kind, for which it is counted as left out.
 * Throws a `RowFault` if the row cannot be read.
 */
type RowReader = (row: CsvRow) => RecordedAccount | null;

interface SetFormat {
  readonly name: string;
  readonly columns: readonly string[];
  /** Whether each user has one row at most. */
  readonly isByUser: boolean;
  readonly read: RowReader;
}

class RowFault extends Error {
  readonly value: string;

  constructor(value: string, problem: string) {
    super(problem);
    this.value = value;
  }
}

function figure({ values }: CsvRow, column: string, isAllowed: (value: number) => boolean, what: string): number {
  const text = values.get(column)!;
  const value = /^[+-]?\d+(\.\d*)?(e[+-]?\d{1,3})?$/i.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value) || !isAllowed(value)) throw new RowFault(text, `${column}: ${what}`);
  return value;
}

const anyFigure = (row: CsvRow, column: string) => figure(row, column, () => true, "a number");
const amount = (row: CsvRow, column: string) => figure(row, column, (value) => value >= 0, "a number of 0 or more");
const above = (row: CsvRow, column: string) => figure(row, column, (value) => value > 0, "a number above 0");

const usd = (value: number): RecordedBalance => ({ asset: "USD", amount: value, countedIn: "USD" });

/** The share of the collateral that may be other than the staked coin before a row is left out. */
const otherCollateralShare = 0.01;
const firstMs = Date.UTC(2009, 0, 3);
const lastMs = Date.UTC(2100, 0, 1);

const formats: readonly SetFormat[] = [
  {
    name: "deleveraged_event",
    columns: ["user", "coin", "time", "adl_price", "position_size", "entry_price", "total_equity"],
    isByUser: false,
    read: (row) => {
      const coin = row.values.get("coin")!;
      if (!/^[A-Za-z0-9]{1,16}$/.test(coin)) throw new RowFault(coin, "coin: letters and digits");
      const quantity = figure(row, "position_size", (size) => size !== 0, "a number, not 0");
      const entryPrice = above(row, "entry_price");
      const gainUsd = quantity * (above(row, "adl_price") - entryPrice);
      return {
        recordedAtMs: figure(row, "time", (ms) => ms > firstMs && ms < lastMs, "Unix milliseconds"),
        poolCurrency: "USD",
        positions: [{ kind: "sized", underlying: coin.toUpperCase(), quantity, entryPrice }],
        // The rest of the account stands as cash, so that its equity at the event is the recorded one.
        balances: [usd(anyFigure(row, "total_equity") - gainUsd)],
      };
    },
  },
  {
    name: "deleveraged_user",
    columns: ["user", "adl_notional", "closed_pnl", "leverage_realtime", "account_value_realtime", "num_adl_events"],
    isByUser: true,
    read: (row) => ({
      recordedAtMs: null,
      poolCurrency: "USD",
      // Neither coin nor side is recorded. A short of BTC is assumed, as 98 in 100 of the events on file are shorts,
      // and BTC has most of the notional.
      positions: [{ kind: "worth", underlying: "BTC", notionalUsd: -above(row, "adl_notional") }],
      // The gain that the event paid out was unrealised before it. It counts as cash, because the account opens at the
      // price of the moment.
      balances: [usd(anyFigure(row, "account_value_realtime") + anyFigure(row, "closed_pnl"))],
    }),
  },
  {
    name: "staked_ether_borrower",
    columns: ["user", "collateral_eth", "debt_eth", "steth_amount", "eth_debt_amount"],
    isByUser: true,
    read: (row) => {
      const held = above(row, "collateral_eth");
      const owed = amount(row, "debt_eth");
      const owedInEther = figure(row, "eth_debt_amount", (debt) => debt >= 0 && debt <= owed * 1.001, "0 to debt_eth");
      if (held - amount(row, "steth_amount") > otherCollateralShare * held) return null;
      return {
        recordedAtMs: null,
        poolCurrency: "ETH",
        positions: [],
        balances: [
          { asset: "ETH", amount: held - owedInEther, countedIn: "ETH" },
          { asset: "USD", amount: Math.min(0, owedInEther - owed), countedIn: "ETH" },
        ],
      };
    },
  },
];

/** Reads a recorded set, whose kind its header tells. Rows that cannot be read are added to `rejects`. */
export function readAccountSet(file: string): { readonly set: AccountSet; readonly rejects: Rejects } {
  const text = readText(file);
  const header = csvHeader(text);
  const format = formats.find(({ columns }) => columns.every((column) => header.includes(column)));
  if (format === undefined) {
    const known = formats.map(({ name, columns }) => `${columns.join(",")} (${name})`).join("; ");
    throw new InputError(`--accounts ${file}, line 1: no known set of accounts; the header needs one of ${known}`);
  }
  const rejects = new Rejects(file);
  const rows = csvRows(text, format.columns, rejects);
  const rowCount = rows.length + rejects.list.length;
  const accounts: RecordedRow[] = [];
  const lineOfUser = new Map<string, number>();
  let unknown = 0;
  for (const row of rows) {
    const { line, values } = row;
    try {
      const user = values.get("user")!;
      if (!/^0x[0-9a-f]{40}$/i.test(user)) throw new RowFault(user, "user: an address, 0x and 40 digits");
      const known = lineOfUser.get(user.toLowerCase());
      if (format.isByUser && known !== undefined) throw new RowFault(user, `user: stands on line ${known} already`);
      const recorded = format.read(row);
      lineOfUser.set(user.toLowerCase(), line);
      if (recorded === null) unknown += 1;
      else accounts.push({ portfolioId: `${format.name}-${String(line).padStart(5, "0")}`, recorded });
    } catch (fault) {
      if (!(fault instanceof RowFault)) throw fault;
      rejects.add({ line }, fault.value, fault.message);
    }
  }
  const set: AccountSet = {
    name: format.name,
    file,
    sha256: createHash("sha256").update(text).digest("hex"),
    rowCount,
    rows: accounts,
    leftOut: unknown === 0 ? [] : [{ reason: "unknown_collateral", subject: "", count: unknown }],
    rejected: rejects.list.length,
  };
  return { set, rejects };
}

/** Returns the coins whose prices an account needs, sorted. */
export function coinsOf({ poolCurrency, positions, balances }: RecordedAccount): string[] {
  const names = [
    poolCurrency,
    ...positions.map(({ underlying }) => underlying),
    ...balances.flatMap(({ asset, countedIn }) => [asset, countedIn]),
  ];
  return [...new Set(names)].filter((name) => name !== "USD").sort();
}

/** Keeps the rows that have prices and whose record falls into a replay, and counts the others as left out. */
export function selectRows(set: AccountSet, coins: readonly string[], fromMs: number, toMs: number): AccountSet {
  const counts = new Map<string, LeftOut>(set.leftOut.map((one) => [`${one.reason} ${one.subject}`, one]));
  const leaveOut = (reason: LeftOut["reason"], subject: string) => {
    const key = `${reason} ${subject}`;
    counts.set(key, { reason, subject, count: (counts.get(key)?.count ?? 0) + 1 });
  };
  const rows = set.rows.filter(({ recorded }) => {
    const { recordedAtMs } = recorded;
    const missing = coinsOf(recorded).find((coin) => !coins.includes(coin));
    if (missing !== undefined) leaveOut("no_candles", missing);
    else if (recordedAtMs !== null && !(recordedAtMs >= fromMs && recordedAtMs <= toMs)) {
      leaveOut("outside_the_replay", "");
    } else return true;
    return false;
  });
  const leftOut = [...counts.values()].sort((a, b) => b.count - a.count || (a.subject < b.subject ? -1 : 1));
  return { ...set, rows, leftOut };
}
