import type { ActivationLimits, DynamicsPolicy, NumberMove } from "@plimsoll/risk";
import * as z from "zod";
import { symbol, utcTime } from "./primitives.ts";
import { fromWire, toWire } from "./wire.ts";

const fraction = z.number().min(0).max(1);
const field = z.enum(["price_scan_range", "volatility_up", "haircut"]);
const subject = z.union([symbol, z.literal("*")]);

const numberRule = z.strictObject({
  tail_multiplier: z.number().positive().max(20),
  horizon_days: z.number().positive().max(30),
  stressed: z.number().min(0).max(10),
  floor: z.number().min(0).max(10),
  cap: z.number().min(0).max(10),
});

const dynamicsPolicy = z.strictObject({
  ewma_lambda: z.number().gt(0).lt(1),
  range_days: z.int().min(1).max(365),
  minimum_returns: z.int().min(10).max(3_650),
  long_run_returns: z.int().min(60).max(3_650),
  buffer: z.strictObject({ fraction, release_above: z.number().positive().max(10) }).nullable(),
  stressed_weight: fraction.nullable(),
  long_run_floor: z.boolean(),
  increase_limit: z.number().gt(0).max(10),
  decrease_limit_per_day: z.number().gt(0).lt(1),
  tolerance: z.number().min(0).lt(1),
  underlyings: z
    .array(
      z.strictObject({
        underlying: subject,
        price_scan_range: numberRule,
        volatility_up: numberRule,
        proxy: z.strictObject({ underlying: symbol, multiplier: z.number().positive().max(10) }).nullable(),
      }),
    )
    .max(256),
  haircuts: z.array(z.strictObject({ asset: symbol, haircut: numberRule })).max(64),
});

/** The operators' controls of parameters that move by themselves: the file of `plimsoll parameters limits`. */
export const parameterControls = z.strictObject({
  limits: z.strictObject({
    automatic: z.boolean(),
    maximum_increase: z.number().min(0).max(10),
    maximum_decrease: fraction,
    bounds: z
      .array(z.strictObject({ subject, field, minimum: z.number().min(0), maximum: z.number().min(0) }))
      .max(1_024)
      .refine(
        (bounds) => bounds.every(({ minimum, maximum }) => minimum <= maximum),
        "each minimum at or below its maximum",
      ),
  }),
  /** Null stands for the policy that ships. */
  policy: dynamicsPolicy.nullable().default(null),
  /** How many people it takes to put a set of their own into effect. It is 2 where it is left out. */
  people_required: z.literal([1, 2], "1 or 2, as many people as it takes").exactOptional(),
});
export type ParameterControlsWire = z.infer<typeof parameterControls>;

/** The operators' controls as the code holds them. */
export interface ParameterControls {
  readonly limits: ActivationLimits;
  readonly policy: DynamicsPolicy | null;
  /** See `peopleRequired`. */
  readonly peopleRequired?: 1 | 2;
}

/**
 * Returns how many people it takes to put a set of their own into effect. Where the operators have said nothing, it
 * takes two.
 */
export function peopleRequired(controls: ParameterControls | undefined): 1 | 2 {
  return controls?.peopleRequired ?? 2;
}

/** The names under which the system itself proposes, which no person may use. */
const ownNames: ReadonlySet<string> = new Set(["schedule", "operator", "shipped"]);

/** Whether a person proposed it with a set of their own, and not the schedule by the market. */
export function isOfPerson({ proposedBy }: Pick<Proposal, "proposedBy">): boolean {
  return !ownNames.has(personKey(proposedBy));
}

/** Whether two names mean one person, whatever their case and the space around them. */
export function isSamePerson(first: string, second: string): boolean {
  return personKey(first) === personKey(second);
}

function personKey(name: string): string {
  return name.normalize("NFKC").trim().toLowerCase();
}

const numberMove = z.strictObject({
  subject,
  field,
  from: z.number().min(0),
  to: z.number().min(0),
  target: z.number().min(0).nullable(),
  reason: z.enum([
    "followed",
    "floor",
    "cap",
    "increase_limit",
    "decrease_limit",
    "within_tolerance",
    "incomplete_data",
    "no_estimate",
  ]),
  note: z.string().nullable(),
  /** The volatilities are daily, not annual. */
  estimates: z.array(
    z.strictObject({
      estimator: z.enum(["ewma", "ewma_with_today", "parkinson", "garman_klass", "implied", "proxy"]),
      volatility: z.number().positive(),
    }),
  ),
  long_run_volatility: z.number().min(0).nullable(),
  steps: z.array(
    z.strictObject({
      step: z.enum(["model", "stressed_weight", "buffer", "long_run_floor", "bounds", "speed"]),
      value: z.number().min(0),
    }),
  ),
});

/** The time of the tick in digits: `20260205T120000000Z`. There is one proposal per tick. */
export const proposalId = z.string().regex(/^\d{8}T\d{9}Z$/, "a proposal id such as 20260205T120000000Z");

const proposal = z.strictObject({
  proposal_id: proposalId,
  proposed_by: z.string().min(1).max(64),
  /** The activation on which the proposal is based. A newer activation supersedes the proposal. */
  based_on_version: z.string(),
  based_on_sequence: z.int().min(1),
  /** The proposed set. It is stored under this version and takes effect only when it is activated. */
  parameters_version: z.string(),
  moves: z.array(numberMove),
  /** `activate` was decided within the operators' limits; `ask` waits for approval. */
  verdict: z.enum(["activate", "ask"]),
  /** The reasons for asking. */
  breaches: z.array(z.string()),
});

/** A proposed parameter set, its moves with their reasons, and whether it may be activated without asking. */
export interface Proposal {
  readonly proposalId: string;
  readonly proposedBy: string;
  readonly basedOnVersion: string;
  readonly basedOnSequence: number;
  readonly parametersVersion: string;
  readonly moves: readonly NumberMove[];
  readonly verdict: "activate" | "ask";
  readonly breaches: readonly string[];
}

export function encodeProposal(value: Proposal): unknown {
  return proposal.parse(toWire(value));
}

/** Parses a stored proposal; throws a ZodError when it is not one. */
export function decodeProposal(wire: unknown): Proposal {
  return fromWire(proposal.parse(wire));
}

export function encodeControls(value: ParameterControls): ParameterControlsWire {
  return parameterControls.parse(toWire(value));
}

/** Parses controls; throws a ZodError when they are not valid. */
export function decodeControls(wire: unknown): ParameterControls {
  return fromWire(parameterControls.parse(wire));
}

/** `ACTIVATION` / `<sequence>`: the version in effect from a time on, and who activated it. */
export const activationItem = z.object({
  version: z.string(),
  effective_from_ms: z.int(),
  activated_by: z.string(),
  proposal_id: z.string().nullable(),
});

/** `DAILY#<underlying>` / `<date>`: the prices of one index on one UTC day, in US dollars. */
export const dailyBarItem = z.object({
  open: z.number().positive(),
  high: z.number().positive(),
  low: z.number().positive(),
  close: z.number().positive(),
  open_at_ms: z.int(),
  close_at_ms: z.int(),
});

/** `DAILY#<underlying>` / `<date>#IMPLIED`: the last 30-day implied volatility of the day, per year. */
export const dailyImpliedItem = z.object({ volatility: z.number().positive() });

/** The message on the operators' topic that parameters were activated or wait for approval. */
export const parameterNotice = z.strictObject({
  schema_version: z.literal(1),
  /** `parameters:<proposal id>`. A repeated message has the same id. */
  event_id: z.string(),
  kind: z.enum(["parameters_activated", "parameters_proposed"]),
  stage: z.string(),
  environment: z.string(),
  occurred_at: utcTime,
  proposal_id: proposalId,
  parameters_version: z.string(),
  based_on_version: z.string(),
  breaches: z.array(z.string()),
  title: z.string(),
  text: z.string(),
});
export type ParameterNotice = z.infer<typeof parameterNotice>;
