import { findConsensus } from "@plimsoll/oracle";
import { priceText, type SweepRequest, toNumber } from "@plimsoll/schema";
import { type Anchor, findAnchor, loadIndexQuotes, marketsAtOnce, moveAnchor, type Table } from "@plimsoll/store";
import { mapAsync } from "es-toolkit/array";
import { oracleParameters } from "./oracle-parameters.ts";

export interface TriggerPorts {
  readonly market: Table;
  /** Move from the anchor, in hundredths of a percent, at which a sweep is requested. */
  readonly priceTriggerBps: number;
  readonly quoteMaxAgeMs: number;
  readonly sendSweepRequest: (request: SweepRequest) => Promise<void>;
  /** The market's clock. */
  readonly clock: () => number;
  /** Called on a failure that does not affect the quotes. */
  readonly onTrouble: (text: string, cause: unknown) => void;
}

/** A consensus price that moved from its anchor by at least the trigger. */
export interface Move {
  readonly underlying: string;
  readonly anchor: Anchor;
  readonly to: Anchor;
}

/**
 * Finds whether the consensus of all sources moved from the anchor by at least the trigger. A quote of one source alone
 * does not count.
 */
export async function findMove(underlying: string, receivedAtMs: number, ports: TriggerPorts): Promise<Move | null> {
  const { market, priceTriggerBps, quoteMaxAgeMs } = ports;
  const [anchor, quotes] = await Promise.all([findAnchor(market, underlying), loadIndexQuotes(market, underlying)]);
  const agreed = findConsensus(underlying, quotes, receivedAtMs, null, oracleParameters(quoteMaxAgeMs));
  if (anchor === undefined || agreed === null || agreed.quality === "blocked") return null;
  const moveBps = 10_000 * Math.abs(agreed.indexPrice / toNumber(anchor.indexPrice) - 1);
  if (moveBps < priceTriggerBps) return null;
  return { underlying, anchor, to: { indexPrice: priceText(agreed.indexPrice), asOfMs: receivedAtMs } };
}

/**
 * Requests one sweep for all underlyings that moved, and then moves their anchors. If the request is lost, the next
 * quote requests it again. If moving the anchor fails, a second request follows, but only one sweep is made.
 */
export async function askForSweep(moves: readonly Move[], ports: TriggerPorts): Promise<string[]> {
  if (moves.length === 0) return [];
  const underlyings = moves.map(({ underlying }) => underlying);
  try {
    // The time after the quotes were saved, as a sweep that began earlier may not have seen them.
    const requestedAt = new Date(ports.clock()).toISOString();
    await ports.sendSweepRequest({ schema_version: 1, underlyings, requested_at: requestedAt });
  } catch (cause) {
    ports.onTrouble("the sweep was not asked for; the next quote asks again", cause);
    return [];
  }
  try {
    const move = ({ underlying, anchor, to }: Move) => moveAnchor(ports.market, underlying, anchor, to);
    await mapAsync(moves, move, { concurrency: marketsAtOnce });
  } catch (cause) {
    ports.onTrouble("an anchor was not moved; the next quote asks for a sweep once more", cause);
  }
  return underlyings;
}
