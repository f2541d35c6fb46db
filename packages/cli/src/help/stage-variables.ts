/**
 * The names of the environment variables by which a stage is reached: `plimsoll start --empty` prints them, and options
 * that name a table are taken from them when they are left out. Regions, keys and endpoints have the names that AWS's
 * own clients read.
 */
export const stageVariables = {
  url: "PLIMSOLL_URL",
  pid: "PLIMSOLL_PID",
  token: "PLIMSOLL_TOKEN",
  viewerToken: "PLIMSOLL_VIEWER_TOKEN",
  riskToken: "PLIMSOLL_RISK_TOKEN",
  adminToken: "PLIMSOLL_ADMIN_TOKEN",
  marketTable: "PLIMSOLL_MARKET_TABLE",
  marginTable: "PLIMSOLL_MARGIN_TABLE",
  ledgerTable: "PLIMSOLL_LEDGER_TABLE",
  accountEventsQueue: "PLIMSOLL_ACCOUNT_EVENTS_QUEUE_URL",
  callSinkQueue: "PLIMSOLL_CALL_SINK_QUEUE_URL",
  rejectsQueue: "PLIMSOLL_REJECTS_QUEUE_URL",
  operatorCallsTopic: "PLIMSOLL_OPERATOR_CALLS_TOPIC_ARN",
  operatorAlarmsTopic: "PLIMSOLL_OPERATOR_ALARMS_TOPIC_ARN",
  accountStateRequestsTopic: "PLIMSOLL_ACCOUNT_STATE_REQUESTS_TOPIC_ARN",
} as const;
