import { planStage } from "./stage.ts";

const plan = planStage($app.stage);

/** What the handlers need to know of their stage. */
export const stageSettings = new sst.Linkable("StageSettings", {
  properties: {
    stage: plan.stage,
    environment: plan.environment,
    shardCount: plan.shardCount,
    priceTriggerBps: plan.priceTriggerBps,
    quoteMaxAgeMs: plan.quoteMaxAgeMs,
  },
});
