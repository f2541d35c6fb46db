import {
  type MarginState,
  type MarketSnapshot,
  type MethodId,
  marksByInstrument,
  type ParameterSet,
} from "@plimsoll/risk";
import {
  type AssumedEntry,
  assumedEntries,
  assumeEntries,
  decodeParameters,
  decodeSnapshot,
  encodeParameters,
  encodeSnapshot,
  fromWire,
  marketSnapshot,
  type PortfolioFile,
  parameterSet,
  portfolioFile,
  priceText,
  sequence,
  toWire,
} from "@plimsoll/schema";
import * as z from "zod";
import { accountOf } from "../margin/margin-report.ts";

/** All that a result rests on, kept so that a later explanation can say what has changed since. */
export const marginInputs = z.strictObject({
  portfolio: portfolioFile,
  /** The ledger sequence of the account's state in the stage; 1 for a file. */
  ledger_sequence: sequence,
  /** The snapshot, with only the instruments of the portfolio. */
  snapshot: marketSnapshot,
  parameters: parameterSet,
  /** The entry prices at which positions without a usable one are counted. It is absent without any. */
  assumed_entries: assumedEntries.exactOptional(),
});
export type MarginInputs = z.infer<typeof marginInputs>;

/**
 * Returns a portfolio at a snapshot as the kernel takes it, and the same inputs in the form of the JSON. The method and
 * the entry prices are filled in.
 */
export function inputsOf(
  portfolio: PortfolioFile,
  method: MethodId,
  snapshot: MarketSnapshot,
  parameters: ParameterSet,
  earlier: MarginInputs | null,
  ledgerSequence = 1,
  assumed: readonly AssumedEntry[] = [],
): { readonly state: MarginState; readonly wire: MarginInputs } {
  const entered = { ...portfolio, method_id: method, positions: enteredPositions(portfolio, snapshot, earlier) };
  const unassumed = accountOf(entered, portfolio.account_id, method, snapshot);
  const pool = { ...assumeEntries(unassumed, assumed), ledgerSequence };
  const held = new Set(portfolio.positions.map(({ instrument_id }) => instrument_id));
  const instruments = snapshot.instruments.filter(({ instrument }) => held.has(instrument.instrumentId));
  const lapsed = snapshot.lapsed?.filter(({ quoted }) => held.has(quoted.instrument.instrumentId));
  const wire = {
    portfolio: entered,
    ledger_sequence: ledgerSequence,
    snapshot: encodeSnapshot({ ...snapshot, instruments, ...(lapsed && { lapsed }) }),
    parameters: encodeParameters(parameters),
    ...(assumed.length > 0 && { assumed_entries: toWire([...assumed]) }),
  };
  return { state: { snapshot, parameters, pool }, wire };
}

/** Fills in missing entry prices. A position takes the one that it had earlier, or else its mark. */
function enteredPositions({ positions }: PortfolioFile, snapshot: MarketSnapshot, earlier: MarginInputs | null) {
  const known = new Map(earlier?.portfolio.positions.map((position) => [position.instrument_id, position.entry_price]));
  const marks = marksByInstrument(snapshot);
  return positions.map((position) => {
    if (position.entry_price !== undefined) return position;
    const mark = marks.get(position.instrument_id);
    const entryPrice = known.get(position.instrument_id) ?? (mark === undefined ? undefined : priceText(mark));
    return entryPrice === undefined ? position : { ...position, entry_price: entryPrice };
  });
}

/** Returns the state that a stored explanation rested on. */
export function stateOf({
  portfolio,
  ledger_sequence,
  snapshot,
  parameters,
  assumed_entries,
}: MarginInputs): MarginState {
  const decoded = decodeSnapshot(snapshot);
  const unassumed = accountOf(portfolio, portfolio.account_id, portfolio.method_id, decoded);
  const pool = assumeEntries(unassumed, fromWire(assumed_entries ?? []));
  return {
    snapshot: decoded,
    parameters: decodeParameters(parameters),
    pool: { ...pool, ledgerSequence: ledger_sequence },
  };
}
