import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callEvent } from "@plimsoll/schema";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { runPlimsoll } from "../support/cli.ts";
import { CommittedCalls } from "../support/committed-calls.ts";
import { type Functions, importFunctions } from "../support/functions.ts";
import { lambdaContext, startTestStage, type TestStage } from "../support/stage.ts";
import { tick } from "../support/venue.ts";

const directory = mkdtempSync(join(tmpdir(), "plimsoll-calls-"));

let stage: TestStage;
let functions: Functions;
let calls: CommittedCalls;
beforeAll(async () => {
  stage = await startTestStage();
  functions = await importFunctions();
  calls = await CommittedCalls.open(stage, functions);
});
beforeEach(() => calls.clear());
afterAll(async () => {
  await stage.stop();
  rmSync(directory, { recursive: true });
});

const onMargin = (...words: string[]) => runPlimsoll(directory, ["calls", ...words, "--table", "Margin"]);

/** What the list says, by event. */
async function listed() {
  const { out } = await onMargin("list", "--json");
  const told: { event_id: string; status: string; reason: string | null }[] = JSON.parse(out).calls;
  return told.map(({ event_id, status, reason }) => ({ event_id, status, reason }));
}

const publish = (records: readonly unknown[]) =>
  functions.publishCalls({ Records: records }, lambdaContext("PublishCalls"));

async function republish(): Promise<string[]> {
  vi.setSystemTime(Date.now() + 2 * 60_000);
  await functions.republishCalls(tick(0), lambdaContext("RepublishCalls", 55_000));
  vi.useRealTimers();
  return published();
}

async function published(): Promise<string[]> {
  return (await stage.drain("Published")).map((message) => callEvent.parse(message).event_id);
}

describe("plimsoll calls", () => {
  it("lists what waits and what is set aside, with the reason", async () => {
    stage.snsGateway.isOpen = false;
    await publish(await calls.commit([{ account: "ada", sequence: 1 }], Date.now()));
    stage.snsGateway.isOpen = true;
    await publish(await calls.commit([{ account: "bo", sequence: 1, text: "x".repeat(300_000) }], Date.now()));
    expect(await listed()).toEqual([
      { event_id: "ada/1", status: "waits", reason: null },
      { event_id: "bo/1", status: "set_aside", reason: expect.stringMatching(/InvalidParameter|TooLong/) },
    ]);
    const { out } = await onMargin("list");
    expect(out).toMatch(/ada\/1 +MARGIN_CALL|ada\/1 +\w+ +waits/);
    expect(out).toMatch(/bo\/1 .*set aside/);
  });

  it("says so when every call is published", async () => {
    await publish(await calls.commit([{ account: "ada", sequence: 1 }], Date.now()));
    expect((await onMargin("list")).out).toBe("  every committed call is published\n");
  });

  it("has events published again with their ids and in their order, and only when told to send", async () => {
    const committed = [1, 2, 3].map((sequence) => ({ account: "ada", sequence }));
    await publish(await calls.commit([...committed, { account: "bo", sequence: 1 }], Date.now()));
    expect(await published()).toHaveLength(4);

    const shown = await onMargin("republish", "ada/3", "ada/2");
    expect(shown).toMatchObject({ code: 0, out: expect.stringContaining("add --send") });
    expect(await republish()).toEqual([]);

    const sent = await onMargin("republish", "ada/3", "ada/2", "--send");
    expect(sent).toMatchObject({ code: 0, out: expect.stringContaining("RepublishCalls publishes them") });
    expect(await republish()).toEqual(["ada/2", "ada/3"]);
    expect(await republish()).toEqual([]);

    await onMargin("republish", "--account", "ada", "--send");
    expect(await republish()).toEqual(["ada/1", "ada/2", "ada/3"]);
  });

  it("gives what is set aside another try, and leaves what waits as old as it is", async () => {
    const { PutItemCommand } = await import("@aws-sdk/client-dynamodb");
    const hourAgo = Date.now() - 3_600_000;
    await calls.commit(
      [
        { account: "ada", sequence: 1 },
        { account: "bo", sequence: 1 },
      ],
      hourAgo,
    );
    const mark = (await stage.scan("Margin")).find(({ sk }) => sk === "BOOK#ada#0000000001");
    await stage.table("Margin").client.send(
      new PutItemCommand({
        TableName: "Margin",
        Item: {
          pk: { S: String(mark?.pk) },
          sk: { S: "BOOK#ada#0000000001" },
          book_id: { S: "ada" },
          sequence: { N: "1" },
          committed_at_ms: { N: String(hourAgo) },
          refusal: { S: "its topic was gone" },
        },
      }),
    );
    const { out } = await onMargin("republish", "--send", "--json");
    expect(JSON.parse(out)).toMatchObject({ sent: true, calls: [{ event_id: "ada/1" }, { event_id: "bo/1" }] });
    const marks = (await stage.scan("Margin")).filter(({ pk }) => String(pk).startsWith("UNPUBLISHED#"));
    expect(marks.find(({ book_id }) => book_id === "bo")).toMatchObject({ committed_at_ms: hourAgo });
    expect(await listed()).toEqual([
      { event_id: "ada/1", status: "waits", reason: null },
      { event_id: "bo/1", status: "waits", reason: null },
    ]);
    expect((await republish()).toSorted()).toEqual(["ada/1", "bo/1"]);
  });

  it("forgets what was told by hand", async () => {
    await publish(await calls.commit([{ account: "bo", sequence: 1, text: "x".repeat(300_000) }], Date.now()));
    expect(await onMargin("dismiss", "bo/1")).toMatchObject({ code: 0, out: "bo/1: no longer to be published\n" });
    expect(await listed()).toEqual([]);
  });

  it.each([
    [["republish", "ada"], 2, `"ada" is no event id; write <account>/<sequence>, such as ada/3`],
    [["republish", "ada/9"], 1, "ada/9: no such event in Margin"],
    [["republish", "--account", "nobody"], 1, "account nobody has no event in its pool cross in Margin"],
    [["republish", "ada/1", "--account", "ada"], 2, "give event ids or --account, not both"],
    [["dismiss", "ada/1"], 1, "ada/1: not among the unpublished events of Margin; plimsoll calls list names them"],
  ])("refuses %j and says what to do", async (words, code, message) => {
    expect(await onMargin(...words)).toMatchObject({ code, err: expect.stringContaining(message) });
  });
});
