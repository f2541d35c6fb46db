import { ingestPrices } from "./prices.ts";
import { planStage } from "./stage.ts";

const plan = planStage($app.stage);

export const api = new sst.aws.ApiGatewayV2("Api", {
  // Callers are machines that sign their requests. No web page of another origin needs access.
  cors: false,
  accessLog: { retention: plan.logRetention },
});

api.route("POST /v1/quotes", ingestPrices.arn, { auth: { iam: true } });

export const outputs = { api: api.url };
