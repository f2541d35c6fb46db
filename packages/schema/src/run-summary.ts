import * as z from "zod";
import { severity } from "./call-event.ts";
import { marginGap } from "./margin-gaps.ts";
import { priceDecimal, sequence, symbol, utcTime } from "./primitives.ts";

/** Most accounts with gaps that a summary names. `plimsoll gaps` lists all of them. */
export const gapsNamed = 20;

const count = z.int().min(0);

const milliseconds = z.number().min(0);

/** US dollars at AWS list prices. It is a plain number, as fractions of a cent matter and nobody is billed by it. */
const usd = z.number().min(0);

/** The output of `plimsoll start --once --json`: one sweep of one market over all accounts. */
export const runSummary = z.strictObject({
  schema_version: z.literal(1),
  stage: z.string(),
  market: z.strictObject({
    /** Origin of the prices: `sample`, or the imported file. */
    source: z.string(),
    as_of: utcTime,
    underlyings: z.array(
      z.strictObject({
        underlying: symbol,
        /** US dollars per unit. */
        index_price: priceDecimal,
        quality: z.enum(["good", "widened", "degraded", "blocked"]),
        /** The stablecoin that this price takes at par, because no source prices it. */
        at_par: symbol.exactOptional(),
      }),
    ),
    instruments: count,
  }),
  sweep: z.strictObject({
    snapshot_id: z.string(),
    parameters_version: z.string(),
    shards: count,
    accounts: count,
    /** Pools with figures, complete or not. */
    margined: count,
    /** Those of them that are incomplete: some holding counts at its worst, or for nothing. */
    incomplete: count,
    not_margined: count,
    /** Pools that are NORMAL only because they are unknown. None of the `severities` counts them. */
    unknown: count,
    /** The first of the pools that are not margined in full, gravest first, with the reason. */
    gaps: z.array(marginGap).max(gapsNamed),
    /** From the start of the sweep to the last shard's result. */
    duration_ms: milliseconds,
  }),
  /** One entry per severity, from mild to grave, without the unknown. */
  severities: z.array(z.strictObject({ severity, accounts: count })),
  calls: z.strictObject({
    /** Number of committed call events. */
    events: sequence,
    /** Number of distinct event ids that reached the operators' topic. */
    published: sequence,
    /** Accounts whose severity is not NORMAL. */
    open: count,
  }),
  /** SHA-256 of all committed events in the order of account and sequence. It is equal for equal inputs. */
  events_digest: z.string().regex(/^[0-9a-f]{64}$/),
  aws_cost: z.strictObject({
    per_sweep_usd: usd,
    per_million_accounts_usd: usd,
    read_units: z.number().min(0),
    write_units: z.number().min(0),
    price_list_date: z.iso.date(),
  }),
  /** Times summed over the sweep's shards, and `publishing` over its call events. */
  timings: z.strictObject({
    reading_ms: milliseconds,
    pricing_ms: milliseconds,
    accumulating_ms: milliseconds,
    writing_ms: milliseconds,
    publishing_ms: milliseconds,
  }),
});
export type RunSummary = z.infer<typeof runSummary>;
