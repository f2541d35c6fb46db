import { findConsensus } from "@plimsoll/oracle";
import { priceText, type SweepRequest, toNumber } from "@plimsoll/schema";
import { type Anchor, findAnchor, loadIndexQuotes, marketsAtOnce, moveAnchor, type Table } from "@plimsoll/store";
import { mapAsync } from "es-toolkit/array";
import { oracleParameters } from "./oracle-parameters.ts";

export interface TriggerPorts {
  readonly market: Table;
  /** Move since the anchor, in hundredths of a percent, from which a sweep is asked for. */
  readonly priceTriggerBps: number;
  readonly quoteMaxAgeMs: number;
  readonly sendSweepRequest: (request: SweepRequest) => Promise<void>;
  /** The market's clock. */
  readonly clock: () => number;
  /** Told of a failure that does not cost the quotes. */
  readonly onTrouble: (text: string, cause: unknown) => void;
}

/** A consensus price that has left its anchor by the trigger. */
export interface Move {
  readonly underlying: string;
  readonly anchor: Anchor;
  readonly to: Anchor;
}

/** Where the sources together have left the anchor: what one of them says alone is not yet a price. */
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
 * Asks for one sweep of all that moved, and moves the anchors only then: where the request is lost the next quote asks
 * again, and where the anchor's move is lost two are asked for, of which one is made.
 */
export async function askForSweep(moves: readonly Move[], ports: TriggerPorts): Promise<string[]> {
  if (moves.length === 0) return [];
  const underlyings = moves.map(({ underlying }) => underlying);
  try {
    // The time after the quotes were kept: a sweep that began before may not have seen them.
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
