import * as z from "zod";
import { severity } from "./call-event.ts";
import { marginGap } from "./margin-gaps.ts";
import { priceDecimal, sequence, symbol, utcTime } from "./primitives.ts";

/** Accounts that are not margined in full and that a summary names; `plimsoll gaps` lists all. */
export const gapsNamed = 20;

const count = z.int().min(0);

const milliseconds = z.number().min(0);

/** Dollars of AWS list price, a plain number: small fractions of a cent matter and nobody is billed from them. */
const usd = z.number().min(0);

/** What `plimsoll start --once --json` prints: one sweep of one market over all accounts. */
export const runSummary = z.strictObject({
  schema_version: z.literal(1),
  stage: z.string(),
  market: z.strictObject({
    /** Where the prices came from: `sample`, or the file that was imported. */
    source: z.string(),
    as_of: utcTime,
    underlyings: z.array(
      z.strictObject({
        underlying: symbol,
        /** US dollars per unit. */
        index_price: priceDecimal,
        quality: z.enum(["good", "widened", "degraded", "blocked"]),
        /** The stablecoin that this price takes at par, for no source prices it. */
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
    /** With figures, in full or not. */
    margined: count,
    /** Of these, not in full: something held counts at its worst, or for nothing. */
    incomplete: count,
    not_margined: count,
    /** NORMAL for want of knowledge only: in none of the `severities`. */
    unknown: count,
    /** Who is not margined in full and why, the gravest first; of many the first. */
    gaps: z.array(marginGap).max(gapsNamed),
    /** From the start of the sweep to the last shard's result. */
    duration_ms: milliseconds,
  }),
  /** From mild to grave, each severity once; without the unknown. */
  severities: z.array(z.strictObject({ severity, accounts: count })),
  calls: z.strictObject({
    /** Committed call events. */
    events: sequence,
    /** Distinct event ids that reached the operators' topic. */
    published: sequence,
    /** Accounts whose severity is not NORMAL. */
    open: count,
  }),
  /** SHA-256 of all committed events in order of account and sequence: equal for equal inputs. */
  events_digest: z.string().regex(/^[0-9a-f]{64}$/),
  aws_cost: z.strictObject({
    per_sweep_usd: usd,
    per_million_accounts_usd: usd,
    read_units: z.number().min(0),
    write_units: z.number().min(0),
    price_list_date: z.iso.date(),
  }),
  /** Summed over the sweep's shards; `publishing` over its call events. */
  timings: z.strictObject({
    reading_ms: milliseconds,
    pricing_ms: milliseconds,
    accumulating_ms: milliseconds,
    writing_ms: milliseconds,
    publishing_ms: milliseconds,
  }),
});
export type RunSummary = z.infer<typeof runSummary>;
