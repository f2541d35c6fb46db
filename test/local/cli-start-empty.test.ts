import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { quoteBatchAnswer } from "@plimsoll/schema";
import { afterEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { close, freePorts, listens } from "../support/ports.ts";

const bin = join(import.meta.dirname, "../../packages/cli/bin/plimsoll.js");
const patienceMs = 300_000;
/** A start on a busy machine, and the minute until the first tick. */
const waitMs = 150_000;

let child: ChildProcess | undefined;
afterEach(async () => {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await new Promise((resolve) => child?.on("close", resolve));
});

const connection = z.strictObject({
  schema_version: z.literal(1),
  stage: z.literal("local"),
  environment: z.record(z.string(), z.string()),
  try: z.string().startsWith("curl "),
});

/** Starts an empty stage. What it writes grows in `out` and `err`. */
function startEmpty(...words: string[]) {
  const started = spawn(process.execPath, [bin, "start", "--empty", ...words], { stdio: ["ignore", "pipe", "pipe"] });
  child = started;
  const written = { out: "", err: "" };
  started.stdout.setEncoding("utf8").on("data", (text) => {
    written.out += text;
  });
  started.stderr.setEncoding("utf8").on("data", (text) => {
    written.err += text;
  });
  const code = new Promise<number | null>((resolve) => started.on("close", resolve));
  return { written, code, interrupt: () => started.kill("SIGINT") };
}

/** Resolves once a text holds, and fails with what was written when the process ends first or the time is over. */
async function until(
  { written, code }: ReturnType<typeof startEmpty>,
  holds: (written: { readonly out: string; readonly err: string }) => boolean,
): Promise<void> {
  let isOver = false;
  void code.then(() => {
    isOver = true;
  });
  const deadlineMs = performance.now() + waitMs;
  while (!holds(written)) {
    if (isOver || performance.now() > deadlineMs) throw new Error(`${written.out}${written.err}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function post(
  { PLIMSOLL_URL: url, PLIMSOLL_TOKEN: token }: Record<string, string>,
  price: string,
): Promise<unknown> {
  const response = await fetch(`${url}/v1/quotes`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({
      source: "mine",
      observed_at: new Date().toISOString(),
      quotes: [{ kind: "index", underlying: "BTC", index_price: price }],
    }),
  });
  return quoteBatchAnswer.parse(await response.json());
}

/** A borrower of more BTC than his dollars pay for, so that his pool is liquidated at once. */
function hopeless(accountId: string) {
  return {
    kind: "account_state",
    schema_version: 1,
    account_id: accountId,
    ledger_sequence: 1,
    occurred_at: new Date().toISOString(),
    pool_currency: "USD",
    method_id: "portfolio",
    collateral: [
      { asset: "USD", amount: "74000" },
      { asset: "BTC", amount: "-1" },
    ],
    positions: [],
  };
}

describe("plimsoll start --empty", () => {
  it(
    "says how it is reached, on fixed ports; sweeps what is sent, tells its calls, and leaves every message",
    async () => {
      const port = await freePorts();
      const stage = startEmpty("--port", String(port), "--json");
      await until(stage, ({ out }) => out.includes("\n"));
      const { environment } = connection.parse(JSON.parse(stage.written.out));
      expect(environment).toMatchObject({
        PLIMSOLL_URL: `http://127.0.0.1:${port}`,
        AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${port + 1}`,
        AWS_ENDPOINT_URL_SQS: `http://127.0.0.1:${port + 2}`,
        AWS_ENDPOINT_URL_SNS: `http://127.0.0.1:${port + 2}`,
        PLIMSOLL_MARKET_TABLE: "plimsoll-local-MarketTable",
      });

      expect(await post(environment, "70000")).toMatchObject({ accepted: 1, rejected: [] });
      const sqs = new SQSClient({
        region: environment.AWS_REGION ?? "",
        endpoint: environment.AWS_ENDPOINT_URL_SQS ?? "",
        credentials: { accessKeyId: "local", secretAccessKey: "local" },
      });
      const event = hopeless("ada");
      const QueueUrl = environment.PLIMSOLL_ACCOUNT_EVENTS_QUEUE_URL ?? "";
      await sqs.send(
        new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(event), MessageGroupId: event.account_id }),
      );
      // The schedule ticks a minute after the start, by then with a price that still counts.
      const feed = setInterval(() => void post(environment, "70000"), 10_000);
      await until(stage, ({ err }) => /^swept 1 accounts in .*LIQUIDATION 1/m.test(err)).finally(() =>
        clearInterval(feed),
      );
      await until(stage, ({ err }) => /● \[local\] Liquidation/.test(err));
      expect(stage.written.out.trimEnd().split("\n")).toHaveLength(1);
      // No function failed while there was no price yet, and none did since.
      expect(stage.written.err).not.toMatch(/ERROR|plimsoll:/);

      // Nobody has taken the call from the queue that the exchange reads.
      const sink = environment.PLIMSOLL_CALL_SINK_QUEUE_URL ?? "";
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: sink, WaitTimeSeconds: 5 }));
      expect(Messages.map(({ Body = "{}" }) => JSON.parse(Body).account_id)).toEqual(["ada"]);
      sqs.destroy();

      stage.interrupt();
      expect(await stage.code).toBe(0);
    },
    patienceMs,
  );

  it(
    "names the port that is taken, and what to do",
    async () => {
      const port = await freePorts();
      const taken = await listens(port + 1);
      const stage = startEmpty("--port", String(port));
      expect(await stage.code).toBe(1);
      expect(stage.written.out).toBe("");
      expect(stage.written.err).toContain(
        `port ${port + 1}, for DynamoDB, is taken: end what listens there, or choose another --port`,
      );
      if (taken !== null) await close(taken);
    },
    patienceMs,
  );
});
