import { proposeAtTick } from "@plimsoll/app";
import {
  announceParameters,
  chain,
  getLink,
  logger,
  MetricUnit,
  marketClock,
  metrics,
  openTable,
  startMeter,
} from "@plimsoll/runtime";
import { scheduleInput } from "@plimsoll/schema";

/** Proposes parameters that follow the market, as of the schedule's tick. */
export const handler = chain<unknown, void>(async (event, context) => {
  const scheduledMs = Date.parse(scheduleInput.parse(event).scheduled_time);
  // A tick ahead of the clock would take effect before its time, so it counts as of now.
  const tickMs = Math.min(scheduledMs, marketClock(context, scheduledMs)());
  const meter = startMeter();
  const { stage, environment } = getLink("StageSettings");
  const { outcome, proposal } = await proposeAtTick(tickMs, {
    market: openTable("MarketTable", meter),
    stage,
    environment,
    announce: announceParameters,
    nowMs: Date.now,
  });
  logger.info("parameters looked at", {
    outcome,
    as_of: new Date(tickMs).toISOString(),
    proposal_id: proposal?.proposalId ?? null,
    parameters_version: proposal?.parametersVersion ?? null,
    breaches: proposal?.breaches ?? [],
    read_units: meter.readUnits,
    write_units: meter.writeUnits,
  });
  metrics.addMetric("ParametersActivated", MetricUnit.Count, outcome === "activated" ? 1 : 0);
  metrics.addMetric("ParametersProposed", MetricUnit.Count, outcome === "proposed" ? 1 : 0);
});
