import { type CallEvent, callEvent } from "@plimsoll/schema";
import { commitChanges, loadBlock, takeShard, unpack } from "@plimsoll/store";
import type { Functions } from "./functions.ts";
import { lambdaContext, streamRecord, type TestStage } from "./stage.ts";
import { accountState, btcQuotes, openMs, quoteBatchOf, quoteRequest, tick } from "./venue.ts";

/** A shard that holds no account of the tests. */
const shard = 9;
const attempt = "test";

export interface CommittedCall {
  readonly account: string;
  readonly sequence: number;
  readonly text?: string;
}

/** Commits call events as ComputeShard does, one transaction each, under ids that a test gives. */
export class CommittedCalls {
  readonly #stage: TestStage;
  readonly #template: CallEvent;
  #lastRecord: Awaited<ReturnType<TestStage["readStream"]>>[number] | undefined;

  private constructor(stage: TestStage, template: CallEvent) {
    this.#stage = stage;
    this.#template = template;
  }

  /** Starts a stage's functions so that they make one call. The events that are committed later are copies of it. */
  static async open(stage: TestStage, functions: Functions): Promise<CommittedCalls> {
    await functions.ingestPrices(
      quoteRequest(quoteBatchOf(btcQuotes(70_000), openMs), openMs),
      lambdaContext("IngestPrices"),
    );
    const short = { id: "BTC_USD-PERPETUAL", quantity: "-1", entry: "70000" };
    await stage.send("AccountEvents", accountState("template", "6300", [short]));
    await stage.consume("AccountEvents", functions.ingestAccounts);
    await functions.onSchedule(tick(openMs), lambdaContext("StartSweepOnSchedule"));
    await stage.consume("ShardWork", functions.computeShard, { batchSize: 1 });
    const item = (await stage.scan("Margin")).find(({ sk }) => String(sk).startsWith("EVENT#"));
    return new CommittedCalls(stage, callEvent.parse(unpack(item?.data)));
  }

  /** Empties the stage and takes the shard that the next events are committed to. */
  async clear(): Promise<void> {
    await this.#stage.clear();
    this.#lastRecord = (await this.#stage.readStream(this.#lastRecord)).at(-1) ?? this.#lastRecord;
    const margin = this.#stage.table("Margin");
    await takeShard(margin, shard, await loadBlock(margin, shard), {
      name: attempt,
      snapshotId: this.#template.snapshot_id,
    });
  }

  /** Commits the events and returns their stream records. */
  async commit(calls: readonly CommittedCall[], nowMs: number) {
    const { severity, snapshot_id: snapshotId, text: usual } = this.#template;
    for (const { account, sequence, text = usual } of calls) {
      const state = { poolKey: account, severity, sequence, call: null, snapshotId, ledgerSequence: 1 };
      const event_id = `${account}/${sequence}`;
      const event = { ...this.#template, account_id: account, sequence, event_id, text };
      const margin = this.#stage.table("Margin");
      if (!(await commitChanges(margin, shard, attempt, [{ state, event }], nowMs))) throw new Error(event_id);
    }
    const records = await this.#stage.readStream(this.#lastRecord);
    this.#lastRecord = records.at(-1);
    return records
      .filter(({ eventName, dynamodb }) => eventName === "INSERT" && dynamodb?.Keys?.sk?.S?.startsWith("EVENT#"))
      .map(streamRecord);
  }
}
