import * as z from "zod";
import { symbol } from "../primitives.ts";
import { volatilityMoves } from "../scan-parameters.ts";
import { nonNegative, positive, rate, refuse, refuseRepeats, rowsByUnderlying, sized } from "./bounds.ts";

const volatilityMove = z.enum(["up", "none", "down", "linear_skew", "absolute_skew"]);

const scenario = z.strictObject({
  price_multiplier: z.number().min(0).max(100),
  volatility_move: volatilityMove,
  dampening: rate,
});

const scenarios = z
  .array(scenario)
  .min(1)
  .max(1024)
  .check((context) => {
    const unmoved = context.value.some(
      ({ price_multiplier, volatility_move }) => price_multiplier === 1 && volatility_move === "none",
    );
    if (!unmoved) refuse(context, [], `${context.value.length} scenarios`, "with one that moves nothing");
    for (const [index, { price_multiplier, volatility_move }] of context.value.entries()) {
      if (!volatility_move.endsWith("skew") || price_multiplier === 1) continue;
      refuse(context, [index, "price_multiplier"], price_multiplier, "1, for a skew move leaves the price");
    }
  });

const basis = z.strictObject({
  up_multiplier: z.number().min(1).max(10),
  down_multiplier: z.number().gt(0).max(1),
  constant_factor: nonNegative.max(100),
  annual_factor: nonNegative.max(100),
});

const trust = z.strictObject({
  confidence_threshold: rate,
  confidence_rate: nonNegative.max(100),
  peg_threshold: rate,
  peg_factor: nonNegative.max(100),
});

const owned = {
  owned_base: z.number().gt(0).max(1),
  owned_rate_multiplier: nonNegative.max(10),
  owned_rate_addend: nonNegative.max(10),
};

const underlyings = z
  .array(symbol)
  .min(1)
  .max(256)
  .check((context) => refuseRepeats(context, context.value, (index) => [index]));

/** The method `derive_pmrm_2`. */
export const pmrm2Method = z
  .strictObject({
    ...sized,
    underlyings,
    scenarios,
    volatility: z.strictObject(volatilityMoves),
    skew: z.strictObject({
      linear_cap: nonNegative.max(10),
      linear_cap_per_root_year: z.number().min(-10).max(10),
      absolute_cap: nonNegative.max(10),
      absolute_cap_per_root_year: z.number().min(-10).max(10),
      minimum_width: positive.max(10),
      width_scale: nonNegative.max(100),
      volatility_constant: nonNegative.max(10),
      volatility_per_root_year: nonNegative.max(10),
    }),
    basis,
    discount: z.strictObject({
      ...owned,
      owed_base: z.number().min(1).max(10),
      owed_rate_multiplier: nonNegative.max(10),
      owed_rate_addend: nonNegative.max(10),
    }),
    contingency: z.strictObject({
      perpetual_maintenance_rate: rate,
      perpetual_additional_initial_rate: rate,
      option_maintenance_rate: rate,
      option_additional_initial_rate: rate,
    }),
    trust,
    initial_factor: positive.max(10),
    maintenance_factor: positive.max(10),
  })
  .check((context) => {
    const { initial_factor: initial, maintenance_factor: maintenance } = context.value;
    if (maintenance > initial) {
      refuse(context, ["maintenance_factor"], maintenance, `at most initial_factor, which is ${initial}`);
    }
  });

/** The method `derive_pmrm_1`. */
export const pmrm1Method = z.strictObject({
  ...sized,
  underlyings,
  scenarios: scenarios.refine(
    (list) => list.every(({ volatility_move }) => !volatility_move.endsWith("skew")),
    "without skew moves, which PMRM does not have",
  ),
  volatility: z.strictObject(volatilityMoves),
  basis,
  discount: z.strictObject(owned),
  contingency: z.strictObject({ perpetual_rate: rate, base_rate: rate, option_rate: rate }),
  trust,
  initial_factor: z.number().min(1).max(10),
});

const market = z
  .strictObject({
    underlying: symbol,
    perpetual: z.strictObject({ initial_rate: rate, maintenance_rate: rate }),
    option: z.strictObject({
      maximum_spot_rate: rate,
      minimum_spot_rate: rate,
      call_maintenance_spot_rate: rate,
      put_maintenance_spot_rate: rate,
      put_maintenance_mark_rate: rate,
      put_initial_to_maintenance: z.number().min(1).max(10),
      unpaired_call_initial: nonNegative.max(10),
      unpaired_call_maintenance: nonNegative.max(10),
    }),
    trust: z.strictObject({
      perpetual_threshold: rate,
      option_threshold: rate,
      base_threshold: rate,
      confidence_rate: nonNegative.max(100),
    }),
    base: z.strictObject({ maintenance_factor: rate, initial_scale: rate }),
  })
  .check((context) => {
    const { perpetual, option } = context.value;
    const pairs = [
      [["perpetual", "maintenance_rate"], perpetual.maintenance_rate, "initial_rate", perpetual.initial_rate],
      [["option", "minimum_spot_rate"], option.minimum_spot_rate, "maximum_spot_rate", option.maximum_spot_rate],
      [
        ["option", "call_maintenance_spot_rate"],
        option.call_maintenance_spot_rate,
        "minimum_spot_rate",
        option.minimum_spot_rate,
      ],
      [
        ["option", "unpaired_call_maintenance"],
        option.unpaired_call_maintenance,
        "unpaired_call_initial",
        option.unpaired_call_initial,
      ],
    ] as const;
    for (const [path, own, name, bound] of pairs) {
      if (own > bound) refuse(context, path, own, `at most ${name}, which is ${bound}`);
    }
  });

/** The method `derive_srm`. */
export const srmMethod = z.strictObject({
  ...sized,
  depeg: z.strictObject({ threshold: rate, factor: nonNegative.max(100) }),
  markets: rowsByUnderlying(market).min(1),
});
