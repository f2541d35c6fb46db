import { SECONDS_PER_HOUR } from "@plimsoll/risk";
import * as z from "zod";
import { accountEvent, methodId } from "../account-events.ts";
import { accountId, limits, priceDecimal, sequence, sourceId, symbol, utcTime } from "../primitives.ts";
import { priceQuality, snapshotId } from "../snapshot.ts";

/** Most events of one request. */
export const eventsPerRequest = 500;

/** Body of `POST /v1/accounts/{id}/events`: events of one account, in the order of their sequences. */
export const eventsRequest = z
  .strictObject({ events: z.array(accountEvent).min(1).max(eventsPerRequest) })
  .meta({ id: "AccountEvents" });

/** Answer of the routes that take events of an account. */
export const acceptedAnswer = z
  .strictObject({
    account_id: accountId,
    events: z.int().min(1),
    ledger_sequence: sequence.meta({ description: "The last sequence that was taken." }),
    status_path: z.string().meta({ description: "Where to see whether it is applied: ledger_sequence there." }),
    margin_path: z.string().meta({ description: "Where the new margin will be." }),
  })
  .meta({ id: "Accepted", description: "The events are queued. They are applied in the order of their sequences." });

/** `GET /v1/market`. */
export const marketAnswer = z
  .strictObject({
    snapshot_id: snapshotId,
    as_of: utcTime,
    result_age_ms: z.int().min(0),
    parameters_version: z.string(),
    underlyings: z.array(
      z
        .strictObject({
          underlying: symbol,
          index_price: priceDecimal,
          quality: priceQuality,
          quality_reason: z.string().nullable(),
          price_age_ms: z.int().min(0),
          confidence_width: z.number().min(0).meta({ description: "Half width of the band of doubt, as a share." }),
          instruments: z.int().min(0),
          sources: z.array(
            z
              .strictObject({
                source: sourceId,
                index_price: priceDecimal,
                observed_at: utcTime,
                age_ms: z.int().min(0).meta({ description: "Age when the answer was given." }),
              })
              .meta({ id: "PriceSource" }),
          ),
        })
        .meta({ id: "UnderlyingPrice" }),
    ),
    currencies: z.array(z.strictObject({ currency: symbol, price_usd: priceDecimal }).meta({ id: "CurrencyPrice" })),
  })
  .meta({ id: "Market", description: "The newest market snapshot that a sweep has been completed with." });

/** `GET /v1/market/{underlying}/surface`. */
export const surfaceAnswer = z
  .strictObject({
    underlying: symbol,
    snapshot_id: snapshotId,
    as_of: utcTime,
    result_age_ms: z.int().min(0),
    index_price: priceDecimal,
    instruments: z.array(
      z
        .strictObject({
          instrument_id: z.string(),
          kind: z.string(),
          expiry: utcTime.nullable(),
          strike: z.number().nullable(),
          option_type: z.enum(["call", "put"]).nullable(),
          forward_price: priceDecimal,
          mark_price: priceDecimal,
          mark_volatility: z.number().nullable(),
        })
        .meta({ id: "SurfacePoint" }),
    ),
  })
  .meta({ id: "Surface", description: "Forwards, marks and volatilities of an underlying, by expiry and strike." });

/** `GET /v1/parameters`. */
export const parametersAnswer = z
  .strictObject({
    in_effect: z.string().nullable().meta({ description: "The version in effect; null before the first sweep." }),
    activations: z.array(
      z
        .strictObject({
          sequence: sequence,
          parameters_version: z.string(),
          effective_from: utcTime,
          activated_by: z.string(),
          proposal_id: z.string().nullable(),
        })
        .meta({ id: "Activation" }),
    ),
  })
  .meta({ id: "ParameterVersions", description: "Which parameters took effect when, newest first." });

/** `GET /v1/parameters/{version}`: the set as it is stored. Its contract is that of a parameter file. */
export const parameterSetAnswer = z
  .strictObject({ parameters_version: z.string(), parameters: z.record(z.string(), z.unknown()) })
  .meta({ id: "Parameters", description: "A whole parameter set, in the form of a parameter file." });

/** `GET /v1/methods`. */
export const methodsAnswer = z
  .strictObject({
    parameters_version: z.string(),
    methods: z.array(
      z
        .strictObject({ method_id: methodId, method_version: z.string() })
        .meta({ id: "MethodVersion", description: "A method, its formulas and the content of its parameters." }),
    ),
  })
  .meta({ id: "Methods" });

/** `GET /v1/health`. */
export const healthAnswer = z
  .strictObject({ status: z.literal("up"), newest_sweep_age_ms: z.int().min(0).nullable() })
  .meta({ id: "Health" });

/** `GET /v1/time`. */
export const timeAnswer = z.strictObject({ now: utcTime, now_ms: z.int() }).meta({ id: "Time" });

/** `GET /v1/limits`. */
export const limitsAnswer = z
  .strictObject({
    requests_per_minute: z.int().meta({ description: "Units that a caller may spend in a minute." }),
    request_units: z
      .array(z.strictObject({ route: z.string(), units: z.int() }).meta({ id: "RouteUnits" }))
      .meta({ description: "What a request of each route costs; routes not listed cost 1." }),
    body_bytes: z.int(),
    candidates_per_batch: z.int(),
    events_per_request: z.int(),
    positions_per_account: z.int(),
    open_orders_per_account: z.int(),
    pools_per_account: z.int(),
    page_size: z.int(),
    token_seconds: z.int(),
    idempotency_seconds: z.int(),
  })
  .meta({ id: "Limits" });

/** Longest life of a trader's token, in seconds. */
export const tokenSecondsLimit = SECONDS_PER_HOUR;

/** Body of `POST /v1/tokens`. */
export const tokenRequest = z
  .strictObject({
    account_id: accountId,
    seconds: z.int().min(60).max(tokenSecondsLimit).default(900).meta({ description: "How long the token is valid." }),
  })
  .meta({ id: "TokenRequest" });

/** Answer of `POST /v1/tokens`. */
export const tokenAnswer = z
  .strictObject({ token: z.string(), account_id: accountId, expires_at: utcTime })
  .meta({ id: "Token" });

/** Limits of the contract that `GET /v1/limits` states beside those of the gateway. */
export const contractLimits = {
  positions_per_account: limits.positionsPerAccount,
  open_orders_per_account: limits.openOrdersPerAccount,
  pools_per_account: limits.poolsPerAccount,
} as const;
