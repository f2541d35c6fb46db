import { methodIds, severities } from "@plimsoll/risk";
import * as z from "zod";
import { noteCodes } from "./notes.ts";

const count = z.int().min(0);
const share = z.number().min(0).max(1);
const time = z.iso.datetime();

/** Null where there are too few observations that do not overlap for a test to say anything. */
const ratioTest = z.strictObject({ likelihood_ratio: z.number().min(0), p_value: share }).nullable();

const shortfall = z
  .strictObject({
    /** When the margin was asked for; the loss came over the horizon after it. */
    at: time,
    portfolio_id: z.string(),
    loss_usd: z.number(),
    margin_usd: z.number(),
    shortfall_usd: z.number().positive(),
    /** Of the gross notional. */
    shortfall_share: z.number().positive(),
  })
  .nullable();

/** Ratio, and increases as shares; null where the series is too short or what is held changes too often. */
const procyclicality = z.strictObject({
  peak_to_trough: z.number().min(1).nullable(),
  increase_1_day: z.number().min(0).nullable(),
  increase_5_days: z.number().min(0).nullable(),
  increase_20_days: z.number().min(0).nullable(),
});

const liquidations = z.strictObject({
  count,
  /** Reached without a step at an earlier severity. */
  unwarned: count,
  /** With nothing left: equity of 0 or less. */
  bankrupt: count,
  /** Hours from the first warning to the level of liquidation; null without any. */
  median_lead_hours: z.number().min(0).nullable(),
  shortest_lead_hours: z.number().min(0).nullable(),
});

/** The one life of a real account under one contender; null of a generated portfolio, and when it was never margined. */
const outcome = z
  .strictObject({
    opened_as: z.enum(severities),
    gravest: z.enum(severities),
    /** Of the first margin call or graver; null without one. */
    called_at: time.nullable(),
    liquidated_at: time.nullable(),
    /** From the first warning to the level of liquidation; null when it was not reached. */
    lead_hours: z.number().min(0).nullable(),
    /** What it owed beyond all that it had when it was closed at the price of the step that saw the level. */
    uncovered_usd: z.number().min(0),
  })
  .nullable();

/** A real account to which nobody does anything; null of a generated portfolio, and of one that was never margined. */
const unacted = z
  .strictObject({
    opened_at: time,
    equity_usd: z.number(),
    /** The least that it was ever worth. */
    worst_at: time,
    worst_equity_usd: z.number(),
  })
  .nullable();

const coverage = {
  observations: count,
  exceptions: count,
  /** Null without an observation. */
  coverage: share.nullable(),
};

/** One portfolio under one contender. */
export const contenderResult = z.strictObject({
  name: z.string(),
  ...coverage,
  /** Of the observations that do not overlap: one in every horizon. */
  sampled_observations: count,
  sampled_exceptions: count,
  kupiec: ratioTest,
  independence: ratioTest,
  conditional_coverage: ratioTest,
  traffic_light: z
    .strictObject({ zone: z.enum(["green", "yellow", "red"]), cumulative_probability: share, plus_factor: share })
    .nullable(),
  /** Mean initial margin, and its mean share of the gross notional. */
  average_margin_usd: z.number().min(0).nullable(),
  average_margin_share: z.number().min(0).nullable(),
  worst_shortfall: shortfall,
  procyclicality,
  liquidations,
  outcome,
  /** Steps without a margin, by the engine's reason. */
  not_margined: z.record(z.string(), count),
});
export type ContenderResult = z.infer<typeof contenderResult>;

/** What is kept of one portfolio: a resumed backtest reads it instead of replaying it again. */
export const portfolioResult = z.strictObject({
  portfolio_id: z.string(),
  kind: z.string(),
  underlyings: z.array(z.string()),
  /** Steps at which something was held, and those whose loss over the horizon is known. */
  steps: count,
  rolls: count,
  gap_restarts: count,
  unacted,
  contenders: z.array(contenderResult),
  /** Day by day from the first: margin as a share of the gross notional by contender, and the worst loss share of the day. */
  daily: z.strictObject({
    margin_shares: z.array(z.array(z.number().nullable())),
    loss_shares: z.array(z.number().nullable()),
    /** Exceptions that start on the day, by contender. */
    exceptions: z.array(z.array(count)),
  }),
});
export type PortfolioResult = z.infer<typeof portfolioResult>;

const contenderSummary = z.strictObject({
  name: z.string(),
  ...coverage,
  /** Means over the portfolios. */
  average_margin_usd: z.number().min(0).nullable(),
  average_margin_share: z.number().min(0).nullable(),
  /** Portfolios whose own coverage reaches the level. */
  portfolios_at_level: count,
  portfolios_below_level: count,
  /** Portfolios that a test rejects at 5 %: too many exceptions, too few, exceptions that come together. */
  kupiec_too_many: count,
  kupiec_too_few: count,
  independence_rejected: count,
  conditional_coverage_rejected: count,
  zones: z.strictObject({ green: count, yellow: count, red: count, untested: count }),
  worst_shortfall: shortfall,
  /** Medians over the portfolios. */
  procyclicality,
  /** The greatest of any portfolio. */
  worst_procyclicality: procyclicality,
  liquidations,
  not_margined: z.record(z.string(), count),
});
export type ContenderSummary = z.infer<typeof contenderSummary>;

const kindSummary = z.strictObject({
  kind: z.string(),
  portfolios: count,
  contenders: z.array(
    z.strictObject({
      name: z.string(),
      ...coverage,
      average_margin_share: z.number().min(0).nullable(),
      worst_shortfall: shortfall,
    }),
  ),
});

/** A recorded set of accounts, and what became of its accounts by contender. */
const accountSet = z.strictObject({
  set: z.string(),
  file: z.string(),
  sha256: z.string(),
  rows: count,
  /** Rows that could not be read; each is in the file of rejects. */
  rejected: count,
  left_out: z.array(
    z.strictObject({
      reason: z.enum(["no_candles", "outside_the_replay", "unknown_collateral"]),
      subject: z.string(),
      count,
    }),
  ),
  accounts: count,
  equity_usd: z.number(),
  /** When nobody acts: accounts whose equity falls below 0, and the sum of what they then owe at worst. */
  unacted_shortfalls: count,
  unacted_usd: z.number().min(0),
  contenders: z.array(
    z.strictObject({
      name: z.string(),
      margined: count,
      /** At their first step: with a margin call or graver, at the level of liquidation, with an equity below 0. */
      opened_called: count,
      opened_in_liquidation: count,
      opened_in_shortfall: count,
      /** After their first step, of those that did not open there. */
      called: count,
      liquidated: count,
      unwarned: count,
      shortfalls: count,
      uncovered_usd: z.number().min(0),
      median_lead_hours: z.number().min(0).nullable(),
      shortest_lead_hours: z.number().min(0).nullable(),
    }),
  ),
});
export type AccountSetSummary = z.infer<typeof accountSet>;

/** What `plimsoll backtest --json` prints. */
export const backtestReport = z.strictObject({
  schema_version: z.literal(1),
  /** Names what was asked and of which data: equal for equal results. */
  plan_id: z.string().regex(/^[0-9a-f]{16}$/),
  from: time,
  to: time,
  step_hours: z.number().positive(),
  horizon_hours: z.number().positive(),
  level: z.number().gt(0).lt(1),
  seed: z.int(),
  portfolio_count: count,
  /** The model of implied volatilities; see docs/backtest. */
  surface: z.record(z.string(), z.number()),
  methods: z.array(z.strictObject({ name: z.string(), method_id: z.enum(methodIds), parameters_sha256: z.string() })),
  opening_multiple: z.number().positive(),
  files: z.array(z.strictObject({ file: z.string(), sha256: z.string(), holds: z.string() })),
  contenders: z.array(
    z.strictObject({ name: z.string(), method_id: z.enum(methodIds), parameters_version: z.string() }),
  ),
  severities: z.array(z.enum(severities)),
  /** Of `--accounts`; empty with generated portfolios. */
  account_sets: z.array(accountSet),
  portfolios: z.array(portfolioResult.omit({ daily: true })),
  summary: z.array(contenderSummary),
  kinds: z.array(kindSummary),
  notes: z.array(
    z.strictObject({
      code: z.enum(noteCodes),
      subject: z.string(),
      count,
      first: time,
      last: time,
      worst: z.number().nullable(),
      words: z.string(),
    }),
  ),
});
export type BacktestReport = z.infer<typeof backtestReport>;
