import { answerToken } from "@plimsoll/api";
import { apiHandler, getLink, issueToken, MetricUnit, metrics } from "@plimsoll/runtime";

/** Signs tokens with which traders reach one account for a while. */
export const handler = apiHandler([answerToken], () => ({
  issueToken: async (wanted) => {
    const { environment } = getLink("StageSettings");
    const issued = await issueToken({ ...wanted, nowMs: Date.now(), environment });
    metrics.addMetric("TokensIssued", MetricUnit.Count, 1);
    return issued;
  },
}));
