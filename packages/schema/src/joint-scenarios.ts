import { jointScenarioKinds } from "@plimsoll/risk";
import * as z from "zod";
import { limits, symbol } from "./primitives.ts";

const scenarioText = z.string().min(1).max(120);
/** Bounds of a logarithmic move. e^5 is 148 times the price; no market moves so far within a scenario's days. */
const logMoves = z.array(z.number().min(-5).max(5)).min(1).max(limits.scenarios);

const jointMoves = z.strictObject({
  underlying: symbol,
  log_returns: logMoves,
  volatility_log_moves: logMoves.nullable(),
  proxy: z
    .strictObject({ underlying: symbol, beta: z.number().min(-10).max(10), scenario_count: z.int().min(1) })
    .nullable(),
});

/** Joint scenarios as they are stored with the parameters and written in files. */
export const jointScenarioSet = z
  .strictObject({
    set_id: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, "1 to 64 small letters, digits, . or -"),
    kind: z.enum(jointScenarioKinds),
    horizon_hours: z.number().positive().max(8_760),
    step_hours: z.number().positive().max(8_760).nullable(),
    scenario_ids: z.array(scenarioText).min(1).max(limits.scenarios),
    labels: z.array(scenarioText).max(limits.scenarios).nullable(),
    weights: z.array(z.number().min(0).max(1)).max(limits.scenarios).nullable(),
    underlyings: z.array(jointMoves).min(1).max(64),
  })
  .check((context) => {
    const { scenario_ids, labels, weights, underlyings } = context.value;
    const count = scenario_ids.length;
    const lengths: [PropertyKey[], number | undefined][] = [
      [["labels"], labels?.length],
      [["weights"], weights?.length],
      ...underlyings.flatMap(({ log_returns, volatility_log_moves }, index): [PropertyKey[], number | undefined][] => [
        [["underlyings", index, "log_returns"], log_returns.length],
        [["underlyings", index, "volatility_log_moves"], volatility_log_moves?.length],
      ]),
    ];
    for (const [path, length] of lengths) {
      if (length === undefined || length === count) continue;
      const message = `${length} entries; as many as there are scenarios, ${count}`;
      context.issues.push({ code: "custom", input: context.value, path, message });
    }
    if (new Set(scenario_ids).size !== count) {
      const message = "the same scenario twice; each id once";
      context.issues.push({ code: "custom", input: context.value, path: ["scenario_ids"], message });
    }
    const total = weights?.reduce((sum, weight) => sum + weight, 0) ?? 1;
    if (Math.abs(total - 1) > 1e-9) {
      const message = `weights add up to ${total}; probabilities add up to 1`;
      context.issues.push({ code: "custom", input: context.value, path: ["weights"], message });
    }
    const names = underlyings.map(({ underlying }) => underlying);
    if (names.some((name, index) => index > 0 && name <= names[index - 1]!)) {
      const message = `${names.join(", ")}; sorted by name, each once`;
      context.issues.push({ code: "custom", input: context.value, path: ["underlyings"], message });
    }
  });
