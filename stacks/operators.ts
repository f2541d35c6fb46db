/** What the operators must look at: alarms, and parameters that moved or ask to. */
export const operatorAlarms = new sst.aws.SnsTopic("OperatorAlarms");
export const operatorAlarmsLink = new sst.Linkable("OperatorAlarmsTopic", { properties: { arn: operatorAlarms.arn } });
