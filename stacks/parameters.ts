import { defineFunction, onTable } from "./functions.ts";
import { operatorAlarms, operatorAlarmsLink } from "./operators.ts";
import { stageSettings } from "./settings.ts";
import { planStage } from "./stage.ts";
import { margin, marginLink, market, marketLink } from "./storage.ts";

const plan = planStage($app.stage);

export const proposeParameters = defineFunction("ProposeParameters", {
  handler: "functions/propose-parameters.handler",
  timeoutSeconds: 60,
  memoryMb: 1_024,
  link: [marketLink, operatorAlarmsLink, stageSettings],
  permissions: [
    onTable(market, "GetItem", "Query", "PutItem", "UpdateItem"),
    { actions: ["sns:Publish"], resources: [operatorAlarms.arn] },
  ],
  trigger: "schedule",
});

new sst.aws.CronV2("ParameterSchedule", {
  function: proposeParameters.arn,
  schedule: plan.parameterSchedule,
  enabled: plan.schedulesEnabled,
  // The scheduled time names the proposal, so that a retried tick continues the one it began.
  event: { scheduled_time: "<aws.scheduler.scheduled-time>" },
  retries: 3,
});

export const reportResponsiveness = defineFunction("ReportResponsiveness", {
  handler: "functions/report-responsiveness.handler",
  timeoutSeconds: 60,
  memoryMb: 1_024,
  link: [marketLink, marginLink, stageSettings],
  permissions: [onTable(market, "GetItem", "Query"), onTable(margin, "PutItem", "Query")],
  trigger: "schedule",
});

new sst.aws.CronV2("ResponsivenessSchedule", {
  function: reportResponsiveness.arn,
  schedule: "cron(10 0 * * ? *)",
  enabled: plan.schedulesEnabled,
  event: { scheduled_time: "<aws.scheduler.scheduled-time>" },
  retries: 3,
});
