import { findCompletedSweep } from "@plimsoll/app";
import { hasStrike, isDated, type MarketSnapshot, type QuotedInstrument } from "@plimsoll/risk";
import { encodeParameters, priceText, snapshotTimeMs } from "@plimsoll/schema";
import {
  findActivation,
  findParameters,
  findSnapshot,
  loadActivations,
  loadIndexQuotes,
  type StoredSnapshot,
} from "@plimsoll/store";
import { getMarket, getParameterSet, getSurface, listParameters } from "../contract/routes.ts";
import { ApiProblem, notFound } from "../serve/api-problem.ts";
import { answering } from "../serve/serve.ts";
import type { ReadPorts } from "./stage-ports.ts";

/** Returns the snapshot of the newest completed sweep. Throws an ApiProblem if there is none yet. */
async function newestSnapshot({ market, margin }: ReadPorts): Promise<StoredSnapshot> {
  const sweep = await findCompletedSweep(margin);
  const found = sweep && (await findSnapshot(market, sweep.snapshotId));
  if (found !== undefined) return found;
  throw new ApiProblem(
    "no_results_yet",
    "No sweep has been completed yet: send prices, and ask again after the next sweep.",
    {
      retryAfterSeconds: 10,
    },
  );
}

function ages({ snapshotId, asOfMs }: MarketSnapshot, nowMs: number) {
  return {
    snapshot_id: snapshotId,
    as_of: new Date(asOfMs).toISOString(),
    result_age_ms: Math.max(0, nowMs - snapshotTimeMs(snapshotId)),
  };
}

/** Answers the prices of the newest completed sweep, and the last quote of each source. */
export const answerMarket = answering(getMarket, async (_, ports: ReadPorts) => {
  const { snapshot, parametersVersion } = await newestSnapshot(ports);
  const nowMs = ports.nowMs();
  const counts = Map.groupBy(snapshot.instruments, ({ instrument }) => instrument.underlying);
  const underlyings = snapshot.underlyings.map(async (state) => ({
    underlying: state.underlying,
    index_price: priceText(state.indexPrice),
    quality: state.quality,
    quality_reason: state.qualityReason,
    price_age_ms: state.priceAgeMs,
    confidence_width: state.confidenceWidth,
    instruments: counts.get(state.underlying)?.length ?? 0,
    sources: (await loadIndexQuotes(ports.market, state.underlying)).map(({ source, indexPrice, observedAtMs }) => ({
      source,
      index_price: priceText(indexPrice),
      observed_at: new Date(observedAtMs).toISOString(),
      age_ms: Math.max(0, nowMs - observedAtMs),
    })),
  }));
  return {
    ...ages(snapshot, nowMs),
    parameters_version: parametersVersion,
    underlyings: await Promise.all(underlyings),
    currencies: snapshot.currencies.map(({ currency, priceUsd }) => ({ currency, price_usd: priceText(priceUsd) })),
  };
});

/** Answers forwards, marks and volatilities of one underlying. */
export const answerSurface = answering(getSurface, async ({ params: { underlying } }, ports: ReadPorts) => {
  const { snapshot } = await newestSnapshot(ports);
  const state = snapshot.underlyings.find((one) => one.underlying === underlying);
  if (state === undefined) throw notFound();
  const own = snapshot.instruments.filter(({ instrument }) => instrument.underlying === underlying);
  const points = own.map(pointOf).sort((a, b) => {
    return (a.expiry ?? "").localeCompare(b.expiry ?? "") || (a.strike ?? 0) - (b.strike ?? 0);
  });
  return {
    underlying,
    ...ages(snapshot, ports.nowMs()),
    index_price: priceText(state.indexPrice),
    instruments: points,
  };
});

function pointOf({ instrument, forwardPrice, markPrice, markVolatility }: QuotedInstrument) {
  return {
    instrument_id: instrument.instrumentId,
    kind: instrument.kind,
    expiry: isDated(instrument) ? new Date(instrument.expiryMs).toISOString() : null,
    strike: hasStrike(instrument) ? instrument.strike : null,
    option_type: hasStrike(instrument) ? instrument.optionType : null,
    forward_price: priceText(forwardPrice),
    mark_price: priceText(markPrice),
    mark_volatility: markVolatility,
  };
}

/** Answers which parameters took effect when. */
export const answerParameters = answering(listParameters, async (_, { market, nowMs }: ReadPorts) => {
  const [activations, current] = await Promise.all([loadActivations(market), findActivation(market, nowMs())]);
  return {
    in_effect: current?.version ?? null,
    activations: activations.map(({ sequence, version, effectiveFromMs, activatedBy, proposalId }) => ({
      sequence,
      parameters_version: version,
      effective_from: new Date(effectiveFromMs).toISOString(),
      activated_by: activatedBy,
      proposal_id: proposalId,
    })),
  };
});

/** Answers a whole parameter set. */
export const answerParameterSet = answering(getParameterSet, async ({ params: { version } }, { market }: ReadPorts) => {
  const found = await findParameters(market, version);
  if (found === undefined) throw notFound();
  return { parameters_version: version, parameters: { ...encodeParameters(found) } };
});
