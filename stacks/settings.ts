import { rolesClaim } from "./callers.ts";
import { planStage } from "./stage.ts";

const plan = planStage($app.stage);

/** The settings of the stage for the handlers. */
export const stageSettings = new sst.Linkable("StageSettings", {
  properties: {
    stage: plan.stage,
    environment: plan.environment,
    shardCount: plan.shardCount,
    priceTriggerBps: plan.priceTriggerBps,
    quoteMaxAgeMs: plan.quoteMaxAgeMs,
    rolesClaim,
  },
});
