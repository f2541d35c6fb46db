/** The topic of what operators must look at: alarms, and parameters that were activated or wait for approval. */
export const operatorAlarms = new sst.aws.SnsTopic("OperatorAlarms");
export const operatorAlarmsLink = new sst.Linkable("OperatorAlarmsTopic", { properties: { arn: operatorAlarms.arn } });
