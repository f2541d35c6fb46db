import { planStage } from "./stage.ts";

const plan = planStage($app.stage);

const common = {
  ttl: "ttl",
  deletionProtection: plan.deletionProtection,
  transform: { table: { pointInTimeRecovery: { enabled: plan.pointInTimeRecovery } } },
};

function table(name: string, stream?: "new-image"): sst.aws.Dynamo {
  return new sst.aws.Dynamo(name, {
    ...common,
    fields: { pk: "string", sk: "string" },
    primaryIndex: { hashKey: "pk", rangeKey: "sk" },
    ...(stream ? { stream } : {}),
  });
}

function tableLink(name: string, of: sst.aws.Dynamo): sst.Linkable<{ name: $util.Output<string> }> {
  return new sst.Linkable(name, { properties: { name: of.name } });
}

/** The table of accounts as the exchange reports them. */
export const ledger = table("Ledger");
/** The table of quotes, pinned snapshots and parameter sets. */
export const market = table("Market");
/** The table of results, states and call events. Its stream delivers committed call events. */
export const margin = table("Margin", "new-image");
/** The table of accounts' topics, and of the evidence that calls were published. */
export const notify = table("Notify");
/** The table of requests that were taken, by their Idempotency-Key, so that a repeat gets the same answer. */
export const requests = new sst.aws.Dynamo("Requests", {
  ...common,
  fields: { id: "string" },
  primaryIndex: { hashKey: "id" },
});

export const ledgerLink = tableLink("LedgerTable", ledger);
export const marketLink = tableLink("MarketTable", market);
export const marginLink = tableLink("MarginTable", margin);
export const notifyLink = tableLink("NotifyTable", notify);
export const requestsLink = tableLink("RequestsTable", requests);
