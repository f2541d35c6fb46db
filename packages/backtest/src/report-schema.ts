import { methodIds, severities } from "@plimsoll/risk";
import * as z from "zod";
import { noteCodes } from "./notes.ts";

const count = z.int().min(0);
const share = z.number().min(0).max(1);
const time = z.iso.datetime();

/**
 * The result of a likelihood-ratio test. It is null where too few observations that do not overlap are known for a
 * test.
 */
const ratioTest = z.strictObject({ likelihood_ratio: z.number().min(0), p_value: share }).nullable();

const shortfall = z
  .strictObject({
    /** The time at which the margin was computed. The loss came over the horizon after it. */
    at: time,
    portfolio_id: z.string(),
    loss_usd: z.number(),
    margin_usd: z.number(),
    shortfall_usd: z.number().positive(),
    /** The shortfall as a share of the gross notional. */
    shortfall_share: z.number().positive(),
  })
  .nullable();

/**
 * How much the margin rises: the ratio of its peak to its trough, and its greatest increases as shares. A figure is
 * null where the series is too short or the holding changes too often.
 */
const procyclicality = z.strictObject({
  peak_to_trough: z.number().min(1).nullable(),
  increase_1_day: z.number().min(0).nullable(),
  increase_5_days: z.number().min(0).nullable(),
  increase_20_days: z.number().min(0).nullable(),
});

const liquidations = z.strictObject({
  count,
  /** The number of liquidations without an earlier step at another severity than NORMAL. */
  unwarned: count,
  /** The number of liquidations with an equity of 0 or less. */
  bankrupt: count,
  /** The hours from the first warning to LIQUIDATION; null without a liquidation. */
  median_lead_hours: z.number().min(0).nullable(),
  shortest_lead_hours: z.number().min(0).nullable(),
});

/**
 * What became of a recorded account under one contender. It is null for a generated portfolio, and for an account that
 * was never margined.
 */
const outcome = z
  .strictObject({
    opened_as: z.enum(severities),
    gravest: z.enum(severities),
    /** The time of the first margin call or graver severity; null without one. */
    called_at: time.nullable(),
    liquidated_at: time.nullable(),
    /** The hours from the first warning to LIQUIDATION; null when that was not reached. */
    lead_hours: z.number().min(0).nullable(),
    /**
     * What the account owed beyond all that it had, when it was closed at the prices of the step that found it at
     * LIQUIDATION.
     */
    uncovered_usd: z.number().min(0),
  })
  .nullable();

/**
 * A recorded account on which nobody acts. It is null for a generated portfolio, and for an account that was never
 * margined.
 */
const unacted = z
  .strictObject({
    opened_at: time,
    equity_usd: z.number(),
    /** The time of its lowest equity, and that equity. */
    worst_at: time,
    worst_equity_usd: z.number(),
  })
  .nullable();

const coverage = {
  observations: count,
  exceptions: count,
  /** The share of observations without an exception; null without an observation. */
  coverage: share.nullable(),
};

/** The figures of one portfolio under one contender. */
export const contenderResult = z.strictObject({
  name: z.string(),
  ...coverage,
  /** Counts of the observations that do not overlap, one in every horizon. */
  sampled_observations: count,
  sampled_exceptions: count,
  kupiec: ratioTest,
  independence: ratioTest,
  conditional_coverage: ratioTest,
  traffic_light: z
    .strictObject({ zone: z.enum(["green", "yellow", "red"]), cumulative_probability: share, plus_factor: share })
    .nullable(),
  /** The mean initial margin, in US dollars and as a share of the gross notional. */
  average_margin_usd: z.number().min(0).nullable(),
  average_margin_share: z.number().min(0).nullable(),
  worst_shortfall: shortfall,
  procyclicality,
  liquidations,
  outcome,
  /** The number of steps without a margin, by the engine's reason. */
  not_margined: z.record(z.string(), count),
});
export type ContenderResult = z.infer<typeof contenderResult>;

/** The stored results of one portfolio. A resumed backtest reads them instead of replaying the portfolio again. */
export const portfolioResult = z.strictObject({
  portfolio_id: z.string(),
  kind: z.string(),
  underlyings: z.array(z.string()),
  /** The number of steps at which something was held. */
  steps: count,
  rolls: count,
  gap_restarts: count,
  unacted,
  contenders: z.array(contenderResult),
  /**
   * Figures for each day from the first one. They are the margin by contender and the worst loss of the day, as shares
   * of the gross notional.
   */
  daily: z.strictObject({
    margin_shares: z.array(z.array(z.number().nullable())),
    loss_shares: z.array(z.number().nullable()),
    /** The number of exceptions that start on the day, by contender. */
    exceptions: z.array(z.array(count)),
  }),
});
export type PortfolioResult = z.infer<typeof portfolioResult>;

const contenderSummary = z.strictObject({
  name: z.string(),
  ...coverage,
  /** The means over the portfolios. */
  average_margin_usd: z.number().min(0).nullable(),
  average_margin_share: z.number().min(0).nullable(),
  /** The number of portfolios whose own coverage reaches the level asked for, and the number of those below it. */
  portfolios_at_level: count,
  portfolios_below_level: count,
  /**
   * The number of portfolios that a test rejects at 5 %: for too many exceptions, for too few, or for exceptions that
   * come together.
   */
  kupiec_too_many: count,
  kupiec_too_few: count,
  independence_rejected: count,
  conditional_coverage_rejected: count,
  zones: z.strictObject({ green: count, yellow: count, red: count, untested: count }),
  worst_shortfall: shortfall,
  /** The medians over the portfolios. */
  procyclicality,
  /** The greatest figures of any portfolio. */
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

/** A recorded set of accounts, and what became of its accounts under each contender. */
const accountSet = z.strictObject({
  set: z.string(),
  file: z.string(),
  sha256: z.string(),
  rows: count,
  /** The number of rows that could not be read. Each of them is in the file of rejects. */
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
  /** If nobody acts: the number of accounts whose equity falls below 0, and the sum that these owe at worst. */
  unacted_shortfalls: count,
  unacted_usd: z.number().min(0),
  contenders: z.array(
    z.strictObject({
      name: z.string(),
      margined: count,
      /** Accounts at their first step: with a margin call or graver, at LIQUIDATION or graver, with equity below 0. */
      opened_called: count,
      opened_in_liquidation: count,
      opened_in_shortfall: count,
      /** Accounts that reached the severity after their first step, without those that opened at it. */
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

/** The JSON object that `plimsoll backtest --json` prints. */
export const backtestReport = z.strictObject({
  schema_version: z.literal(1),
  /** Identifies the request and its data. Equal ids stand for equal results. */
  plan_id: z.string().regex(/^[0-9a-f]{16}$/),
  from: time,
  to: time,
  step_hours: z.number().positive(),
  horizon_hours: z.number().positive(),
  level: z.number().gt(0).lt(1),
  seed: z.int(),
  portfolio_count: count,
  /** The figures of the model of implied volatilities; see docs/backtest. */
  surface: z.record(z.string(), z.number()),
  methods: z.array(z.strictObject({ name: z.string(), method_id: z.enum(methodIds), parameters_sha256: z.string() })),
  opening_multiple: z.number().positive(),
  files: z.array(z.strictObject({ file: z.string(), sha256: z.string(), holds: z.string() })),
  contenders: z.array(
    z.strictObject({ name: z.string(), method_id: z.enum(methodIds), parameters_version: z.string() }),
  ),
  severities: z.array(z.enum(severities)),
  /** The recorded sets of `--accounts`; empty with generated portfolios. */
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
