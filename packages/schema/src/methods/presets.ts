import * as z from "zod";
import { symbol } from "../primitives.ts";
import { scanParameters } from "../scan-parameters.ts";
import {
  label,
  nonNegative,
  positive,
  rate,
  refuse,
  refuseOpenTiers,
  refuseRepeats,
  refuseUnordered,
  rows,
  sized,
  underlying,
} from "./bounds.ts";

const currency = z.strictObject({
  label,
  scan: scanParameters,
  pnl_offset: rate,
  maximum_offsettable_pnl_usd: nonNegative,
  delta_shock: z.strictObject({ threshold_usd: nonNegative, slope_per_unit: rate, maximum_rate: rate }),
  maintenance_factor: z.number().gt(0).max(1),
});

/** The method `portfolio_deribit`. */
export const deribitMethod = z
  .strictObject({ ...sized, currencies: rows(currency).min(1), decorrelation: rate })
  .check((context) => {
    const { currencies } = context.value;
    refuseRepeats(
      context,
      currencies.map(({ scan }) => scan.underlying),
      (index) => ["currencies", index, "scan", "underlying"],
    );
    const [first] = currencies;
    for (const [index, { scan }] of currencies.entries()) {
      if (first === undefined) return;
      for (const [key, own, wanted] of [
        ["price_steps_per_side", scan.price_steps_per_side, first.scan.price_steps_per_side],
        ["extended_moves", scan.extended_moves.length, first.scan.extended_moves.length],
      ] as const) {
        if (own === wanted) continue;
        refuse(
          context,
          ["currencies", index, "scan", key],
          own,
          `${wanted}, as in the first: cells are offset one by one`,
        );
      }
    }
  });

const spotMove = z.number().gt(0).lt(1);

const coinList = z
  .strictObject({
    underlyings: z.array(underlying).min(1).max(256),
    label,
    spot_moves: z.array(spotMove).min(1).max(16),
    volatility_up: z.number().min(0).max(10),
    volatility_down: z.number().min(0).lt(1),
    extreme_move: spotMove,
    extreme_loss_share: rate,
    theta_days: z.number().min(0).max(30),
    vega_term_points: z.number().min(0).max(100),
    basis_annualised_move: z.number().min(0).max(10),
    rate_shift: rate,
    unwind_future_rate: rate,
    unwind_option_rate: rate,
    minimum_charge_tiers: z
      .array(z.strictObject({ up_to_usd: positive.nullable(), multiplier: z.number().min(1).max(1000) }))
      .min(1)
      .max(32),
    initial_factor: z.number().min(1).max(10),
  })
  .check((context) => {
    const { spot_moves: moves, extreme_move: extreme, minimum_charge_tiers: tiers } = context.value;
    refuseUnordered(context, moves, (index) => ["spot_moves", index]);
    const widest = moves[moves.length - 1] ?? 0;
    if (!(extreme > widest)) refuse(context, ["extreme_move"], extreme, `above the widest spot move of ${widest}`);
    refuseOpenTiers(
      context,
      tiers.map((tier) => tier.up_to_usd),
      (index) => ["minimum_charge_tiers", index, "up_to_usd"],
    );
    for (let index = 1; index < tiers.length; index += 1) {
      const before = tiers[index - 1]?.multiplier ?? 0;
      const own = tiers[index]?.multiplier ?? 0;
      if (own < before) {
        refuse(
          context,
          ["minimum_charge_tiers", index, "multiplier"],
          own,
          `at least the ${before} of the tier before`,
        );
      }
    }
  });

const depegColumn = z
  .strictObject({
    from_index_price: rate,
    brackets: z
      .array(z.strictObject({ up_to_usd: positive.nullable(), rate }))
      .min(1)
      .max(32),
  })
  .check((context) =>
    refuseOpenTiers(
      context,
      context.value.brackets.map((bracket) => bracket.up_to_usd),
      (index) => ["brackets", index, "up_to_usd"],
    ),
  );

const borrowing = z
  .strictObject({
    asset: z.union([symbol, z.literal("*")]),
    initial_rate: z.number().min(0).max(10),
    maintenance_rate: rate,
  })
  .check((context) => {
    const { initial_rate, maintenance_rate } = context.value;
    if (maintenance_rate <= initial_rate) return;
    refuse(context, ["maintenance_rate"], maintenance_rate, `at most initial_rate, which is ${initial_rate}`);
  });

/** The method `portfolio_okx`. */
export const okxMethod = z
  .strictObject({
    ...sized,
    lists: rows(coinList).min(1),
    depeg: z.array(depegColumn).min(1).max(32),
    borrowing: rows(borrowing),
  })
  .check((context) => {
    const { lists, depeg, borrowing: loans } = context.value;
    const seen = new Set<string>();
    for (const [index, { underlyings }] of lists.entries()) {
      for (const [member, name] of underlyings.entries()) {
        if (seen.has(name)) refuse(context, ["lists", index, "underlyings", member], name, "in one list, once");
        seen.add(name);
      }
    }
    refuseUnordered(
      context,
      depeg.map((column) => -column.from_index_price),
      (index) => ["depeg", index, "from_index_price"],
    );
    const lowest = depeg[depeg.length - 1]?.from_index_price;
    if (lowest !== 0) {
      refuse(context, ["depeg", depeg.length - 1, "from_index_price"], lowest, "0 in the last column, for any price");
    }
    if (!loans.some(({ asset }) => asset === "*")) {
      refuse(context, ["borrowing"], loans.map(({ asset }) => asset).join(", "), 'one entry for "*": any other asset');
    }
    refuseRepeats(
      context,
      loans.map(({ asset }) => asset),
      (index) => ["borrowing", index, "asset"],
    );
  });

const paradexScenario = z.strictObject({
  spot_move: z.number().gt(-1).max(100),
  volatility_move: z.number().gt(-1).max(10),
  weight: z.number().gt(0).max(1),
});

/** The method `portfolio_paradex`. */
export const paradexMethod = z.strictObject({
  ...sized,
  label,
  scenarios: z
    .array(paradexScenario)
    .min(1)
    .max(1024)
    .refine((list) => list.some(({ spot_move }) => spot_move === 0), "with at least one scenario whose spot_move is 0"),
  short_term_power: z.number().min(0).max(2),
  long_term_power: z.number().min(0).max(2),
  minimum_days_to_expiry: positive.max(30),
  net_delta_rate: rate,
  hedged_delta_rate: rate,
  maintenance_factor: z.number().gt(0).max(1),
  fee_provision_rate: rate,
  option_fee_cap_rate: rate,
});

const bybitCoin = z.strictObject({
  label,
  scan: scanParameters,
  short_option_rate: rate,
  gross_future_rate: rate,
  vega_spread_rate: rate,
  delta_spread_rate: rate,
  stablecoin_spread_rate: rate,
  initial_factor: z.number().min(1).max(10),
});

/** The method `portfolio_bybit`. */
export const bybitMethod = z.strictObject({
  ...sized,
  coins: rows(bybitCoin)
    .min(1)
    .check((context) =>
      refuseRepeats(
        context,
        context.value.map(({ scan }) => scan.underlying),
        (index) => [index, "scan", "underlying"],
      ),
    ),
});
