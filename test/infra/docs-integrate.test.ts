import { describe, expect, it } from "vitest";
import { priceList } from "../../packages/cli/src/cost/price-list.ts";
import { textOf } from "../support/repository.ts";
import { graphOf } from "../support/stages.ts";

const page = textOf("docs/integrate.md");

/** The policies of the page: its JSON blocks on AWS that have statements. */
const policies = [...page.matchAll(/^```json\n(\{\n {2}"Version"[\s\S]*?)^```/gm)].map(([, text = ""]) =>
  JSON.parse(text),
);

const actionsOf = (policy: { Statement: { Action: string | string[] }[] }) =>
  policy.Statement.flatMap(({ Action }) => Action);

/** The service of IAM that a type of resource belongs to, such as `sqs` for `aws:sqs/queue:Queue`. */
function serviceOf(type: string): string | null {
  const [, module, resource] = /^aws:(\w+)\/(\w+):/.exec(type) ?? [];
  if (module === "apigatewayv2") return "apigateway";
  return resource === "logGroup" ? "logs" : (module ?? null);
}

/** What SST asks for itself, and the night's workflow that finds previews by their tags. */
const beside = ["ecr", "ssm", "tag"];

describe("docs/integrate.md", () => {
  // Seen to fail without kms:* in the policy, and with events:* in it.
  it("lets the deploy role act on the services of the resources, and on no other", async () => {
    const [, deploy] = policies;
    const graphs = await Promise.all(["production", "pr-7"].map(graphOf));
    const types = graphs.flatMap(({ resources }) => resources.map(({ type }) => type));
    const declared = new Set(types.map(serviceOf).filter((service) => service !== null));
    const allowed = new Set(actionsOf(deploy).map((action) => action.split(":")[0] ?? ""));
    expect([...allowed].sort()).toEqual([...declared, ...beside].sort());
  });

  it("lets the back end do what the page says, on names that a stage has", async () => {
    const { queues, topics } = await graphOf("production");
    const readingRejects = ["sqs:ReceiveMessage", "sqs:DeleteMessage"];
    const allowed = ["execute-api:Invoke", "sqs:SendMessage", ...readingRejects, "sns:Subscribe"];
    expect(actionsOf(policies[2])).toEqual(allowed);
    const named = JSON.stringify(policies[2]).match(/plimsoll-production-\w+/g) ?? [];
    expect(named).toHaveLength(4);
    const names = [...queues, ...topics].map(({ name }) => name.replace(".fifo", ""));
    expect(named.filter((name) => !names.includes(name))).toEqual([]);
  });

  // Seen to fail with 60 alarms.
  it("counts what a preview pays for without traffic", async () => {
    const { alarms, keys, queues, eventSources } = await graphOf("pr-7");
    const queueArns = new Set(queues.map(({ arn }) => arn));
    const polled = eventSources.filter(({ sourceArn }) => queueArns.has(sourceArn)).length;
    const dollars = (amount: number) => amount.toFixed(2);
    expect(page).toContain(`| alarms, 0.10 each | ${alarms.length} | ${dollars(0.1 * alarms.length)} |`);
    expect(page).toContain(`| the key of tokens, 1.00 each | ${keys.length} | ${dollars(keys.length)} |`);
    expect(page).toContain(`each of the ${polled} queues with 5 receives`);
    const receives = polled * 5 * 3 * 60 * 24 * 30;
    const { usd, per } = priceList.prices.sqsRequests;
    expect(page).toContain(`| ${receives.toLocaleString("en")} | ${dollars((receives * usd) / per)} |`);
    const column = [...page.matchAll(/^\| .* \| (?:about |below )?(\d+(?:\.\d\d)?) \|$/gm)].map(([, text]) =>
      Number(text),
    );
    const total = column.reduce((sum, amount) => sum + amount, 0);
    const [, said] = /costs about (\d+) US dollars a month/.exec(page) ?? [];
    expect(Math.round(total)).toBe(Number(said));
  });
});
