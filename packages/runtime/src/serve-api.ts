import { type Answering, RateLimiter, type ServePorts, serve } from "@plimsoll/api";
import { errorText } from "@plimsoll/schema";
import type { APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import { parseApiEvent } from "./api-event.ts";
import { chain, type Handler } from "./chain.ts";
import { startMeter } from "./clients.ts";
import { marketClock } from "./clock.ts";
import { getLink } from "./links.ts";
import { logger, MetricUnit, metrics, stopwatch } from "./telemetry.ts";
import { warm } from "./warm.ts";

/** What a function of the API gets to build its ports from. */
export interface ApiInvocation {
  readonly context: Context;
  readonly meter: ReturnType<typeof startMeter>;
  /** The clock that ages are measured by. */
  readonly nowMs: () => number;
}

/**
 * Builds the handler of a function of the API. Its log has the route, the status and the work, and nothing that names
 * an account or a person.
 */
export function apiHandler<Ports>(
  answerings: readonly Answering<Ports & ServePorts>[],
  portsOf: (invocation: ApiInvocation) => Ports,
): Handler<unknown, APIGatewayProxyStructuredResultV2> {
  return chain(async (event, context) => {
    const elapsed = stopwatch();
    const meter = startMeter();
    const { request, timeEpoch } = parseApiEvent(event, getLink("StageSettings").rolesClaim);
    const nowMs = marketClock(context, timeEpoch);
    let failure: string | null = null;
    const common: ServePorts = {
      nowMs,
      realMs: Date.now,
      limiter: warm(RateLimiter),
      onFailure: (error, routeId) => {
        failure = errorText(error);
        logger.error("request failed", { route: routeId, error: error instanceof Error ? error : errorText(error) });
      },
    };
    const answer = await serve(request, answerings, { ...common, ...portsOf({ context, meter, nowMs }) });
    logger.info("request answered", {
      // The method and the path are the caller's own words, so that they may hold anything.
      route: answer.routeId,
      roles: request.caller.roles,
      status: answer.status,
      answer_bytes: answer.body.length,
      milliseconds: elapsed(),
      read_units: meter.readUnits,
      write_units: meter.writeUnits,
    });
    metrics.addMetric("ApiFailures", MetricUnit.Count, failure === null ? 0 : 1);
    return { statusCode: answer.status, headers: { ...answer.headers }, body: answer.body };
  });
}
