import { reportResponsiveness } from "@plimsoll/app";
import { chain, getLink, logger, MetricUnit, marketClock, metrics, openTable, startMeter } from "@plimsoll/runtime";
import { scheduleInput, toWire } from "@plimsoll/schema";

/** Builds the procyclicality card for the day of the schedule's tick. */
export const handler = chain<unknown, void>(async (event, context) => {
  const scheduledMs = Date.parse(scheduleInput.parse(event).scheduled_time);
  // A tick ahead of the clock would be stored before its time, so it counts as of now.
  const tickMs = Math.min(scheduledMs, marketClock(context, scheduledMs)());
  const meter = startMeter();
  const card = await reportResponsiveness(tickMs, {
    market: openTable("MarketTable", meter),
    margin: openTable("MarginTable", meter),
    nowMs: Date.now,
  });
  logger.info("responsiveness reported", {
    stage: getLink("StageSettings").stage,
    to_date: card?.toDate ?? null,
    days_measured: card?.daysMeasured ?? 0,
    breaches: toWire(card?.breaches ?? []),
    read_units: meter.readUnits,
    write_units: meter.writeUnits,
  });
  metrics.addMetric("ResponsivenessBreaches", MetricUnit.Count, card?.breaches.length ?? 0);
});
