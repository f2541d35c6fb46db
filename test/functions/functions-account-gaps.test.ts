import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { type AccountEvent, accountStateRequest, limits, rejectedInput, shardOf } from "@plimsoll/schema";
import { clearPending, findAccount, loadPending, parkEvent, saveAccount } from "@plimsoll/store";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Functions, importFunctions } from "../support/functions.ts";
import { lambdaContext, queueRecord, startTestStage, type TestStage, testSettings } from "../support/stage.ts";
import { accountState, iso, openMs } from "../support/venue.ts";

let stage: TestStage;
let functions: Functions;
const { shardCount } = testSettings;

beforeAll(async () => {
  stage = await startTestStage();
  functions = await importFunctions();
});
afterAll(() => stage.stop());
beforeEach(() => stage.clear());
afterEach(() => vi.useRealTimers());

/** Sends events in this order and returns how many were acknowledged. */
async function ingest(...events: readonly unknown[]): Promise<number> {
  for (const event of events) await stage.send("AccountEvents", event);
  return stage.consume("AccountEvents", functions.ingestAccounts);
}

async function held(accountId: string) {
  return (await findAccount(stage.table("Ledger"), accountId, shardCount))?.account;
}

function pending(accountId: string) {
  return loadPending(stage.table("Ledger"), shardOf(accountId, shardCount), accountId);
}

function transfer(accountId: string, ledgerSequence: number, amount = "1"): AccountEvent {
  const base = { schema_version: 1, account_id: accountId, ledger_sequence: ledgerSequence } as const;
  return { kind: "transfer", ...base, pool_id: "cross", occurred_at: iso(openMs + 5_000), asset: "USD", amount };
}

/** Looks at the gaps of these accounts, as the check does that comes seconds after a gap. */
async function check(...accountIds: readonly string[]) {
  const Records = accountIds.map((account_id, index) =>
    queueRecord(JSON.stringify({ schema_version: 1, account_id }), `check-${index}`),
  );
  const { batchItemFailures } = await functions.onGap({ Records }, lambdaContext("RequestAccountStatesOnGap"));
  expect(batchItemFailures).toEqual([]);
  return requests();
}

async function requests() {
  return (await stage.drain("StateRequests")).map((message) => accountStateRequest.parse(message));
}

/** Runs the schedule so many minutes from now. */
async function tickAfter(minutes: number) {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + minutes * 60_000 });
  await functions.onGapSchedule({}, lambdaContext("RequestAccountStatesOnSchedule"));
  return requests();
}

const nothing = { gap: null, events: [] };

describe("an event that comes before its turn", () => {
  it("waits in the ledger, and the exchange is asked once for the state, seconds later", async () => {
    expect(await ingest(accountState("a", "100", []), transfer("a", 4), transfer("a", 5), transfer("a", 7))).toBe(4);
    expect(await stage.count("AccountEvents")).toBe(0);
    expect(await requests()).toEqual([]);
    // The check of the gap is on its way, delayed.
    expect(await stage.drain("AccountGaps")).toEqual([]);
    expect(await check("a", "a", "b")).toEqual([
      {
        kind: "account_state_request",
        schema_version: 1,
        environment: "local",
        request_id: expect.stringMatching(/^a\/\d+$/),
        attempt: 1,
        account_id: "a",
        reason: "missing_events",
        message: "a holds sequence 1 and 4 waits: sequences 2 to 3 are missing; send them, or account_state",
        held_sequence: 1,
        needs_sequence: 7,
        waiting_events: 3,
        opened_at: expect.any(String),
        requested_at: expect.any(String),
      },
    ]);
    await ingest(transfer("a", 9));
    expect(await check("a")).toEqual([]);
  });

  it("is applied when the missing ones come, and none is left", async () => {
    await ingest(accountState("b", "100", []), transfer("b", 4, "8"), transfer("b", 3, "4"), transfer("b", 4, "8"));
    expect(await held("b")).toMatchObject({ ledgerSequence: 1 });
    await ingest(transfer("b", 2, "2"));
    expect(await held("b")).toMatchObject({ ledgerSequence: 4, collateral: [{ amount: "114" }] });
    expect(await pending("b")).toEqual(nothing);
    expect(await check("b")).toEqual([]);
  });

  it("is applied where the missing one comes at the very moment (seen to fail without the second look at the account)", async () => {
    await ingest(accountState("z", "100", []));
    const account = await held("z");
    if (account === undefined || account === null) throw new Error("z is not there");
    let writesInBetween = 0;
    stage.dynamodb.middlewareStack.add(
      (next) => async (args) => {
        const { Item } = args.input as { Item?: { sk: { S: string } } };
        if (Item?.sk.S.includes("#EVENT#")) {
          writesInBetween += 1;
          await saveAccount(stage.table("Ledger"), { ...account, ledgerSequence: 2 }, 1, shardCount);
        }
        return next(args);
      },
      { step: "initialize", name: "otherWriter" },
    );
    await ingest(transfer("z", 3, "3"));
    stage.dynamodb.middlewareStack.remove("otherWriter");
    expect(writesInBetween).toBe(1);
    expect(await held("z")).toMatchObject({ ledgerSequence: 3, collateral: [{ amount: "103" }] });
    expect(await pending("z")).toEqual(nothing);
  });

  it("is applied as it was sent last, where the exchange corrects it", async () => {
    await ingest(accountState("c", "100", []), transfer("c", 3, "5"), transfer("c", 3, "6"), transfer("c", 2, "1"));
    expect(await held("c")).toMatchObject({ ledgerSequence: 3, collateral: [{ amount: "107" }] });
  });

  it("is a duplicate to a state that includes it, and follows one that does not", async () => {
    await ingest(accountState("d", "100", []), transfer("d", 3, "3"), transfer("d", 5, "5"), transfer("d", 7, "7"));
    await ingest(accountState("d", "1000", [], 4));
    expect(await held("d")).toMatchObject({ ledgerSequence: 5, collateral: [{ amount: "1005" }] });
    expect((await pending("d")).events.map(({ ledgerSequence }) => ledgerSequence)).toEqual([7]);
    expect((await pending("d")).gap).not.toBeNull();
    await ingest(accountState("d", "2000", [], 9));
    expect(await held("d")).toMatchObject({ ledgerSequence: 9, collateral: [{ amount: "2000" }] });
    expect(await pending("d")).toEqual(nothing);
  });

  it("of an unknown account waits for its first state, and says so", async () => {
    await ingest(transfer("dave", 12));
    expect(await check("dave")).toMatchObject([
      { reason: "unknown_account", message: "dave is unknown: send account_state first", held_sequence: 0 },
    ]);
    await ingest(transfer("dave", 14), accountState("dave", "50", [], 11));
    expect(await tickAfter(1)).toMatchObject([{ reason: "missing_events", held_sequence: 12 }]);
    await ingest(transfer("dave", 13, "-1"), transfer("dave", 15, "-1"));
    expect(await held("dave")).toMatchObject({ ledgerSequence: 15, collateral: [{ amount: "50" }] });
    expect(await pending("dave")).toEqual(nothing);
  });

  it("is refused when as many wait as may, and the state behind it is applied", async () => {
    await ingest(accountState("e", "100", []), transfer("e", 10));
    const shard = shardOf("e", shardCount);
    for (let n = 1; n < limits.parkedEventsPerAccount; n += 1) {
      await parkEvent(stage.table("Ledger"), shard, transfer("e", 10 + n), Date.now());
    }
    // The schedule counts what waits.
    expect(await tickAfter(1)).toMatchObject([{ account_id: "e", waiting_events: 1_000 }]);
    const answer = await ingest(transfer("e", 5_000), transfer("e", 10, "2"), accountState("e", "7", [], 1_000));
    expect(answer).toBe(3);
    const [kept] = (await stage.drain("Rejects")).map((message) => rejectedInput.parse(message));
    expect(kept?.refusals).toMatchObject([{ problem: "too many waiting; send account_state" }]);
    expect(await held("e")).toMatchObject({ ledgerSequence: 1_009 });
    // The surplus event came after the request: it is valid, so the account is asked about anew.
    expect(await check("e")).toMatchObject([{ attempt: 1, held_sequence: 1_009, needs_sequence: 5_000 }]);
    await ingest(accountState("e", "9", [], 5_000));
    expect(await pending("e")).toEqual(nothing);
  });

  it("is parked where its gap is closed at the very moment", async () => {
    await ingest(accountState("y", "100", []));
    stage.dynamodb.middlewareStack.add(
      (next) => async (args) => {
        const { UpdateExpression } = args.input as { UpdateExpression?: string };
        if (UpdateExpression?.startsWith("ADD waiting")) {
          await clearPending(stage.table("Ledger"), shardOf("y", shardCount), "y", { sequences: [], isClosed: true });
        }
        return next(args);
      },
      { step: "initialize", name: "closing" },
    );
    await ingest(transfer("y", 3));
    stage.dynamodb.middlewareStack.remove("closing");
    expect(await pending("y")).toMatchObject({ gap: null, events: [{ ledgerSequence: 3 }] });
    await ingest(transfer("y", 2));
    expect(await held("y")).toMatchObject({ ledgerSequence: 3 });
    expect(await pending("y")).toEqual(nothing);
  });

  it("is parked without a look at the others that wait", async () => {
    await ingest(accountState("s", "100", []));
    let read = 0;
    stage.dynamodb.middlewareStack.add(
      (next) => async (args) => {
        const answer = await next(args);
        read += (answer.output as { Items?: unknown[] }).Items?.length ?? 0;
        return answer;
      },
      { step: "initialize", name: "reads" },
    );
    await ingest(...Array.from({ length: 8 }, (_, n) => transfer("s", 10 + n)));
    expect(read).toBe(0);
    // An event whose turn has come looks at the first that waits.
    await ingest(transfer("s", 2), transfer("s", 3));
    stage.dynamodb.middlewareStack.remove("reads");
    expect(read).toBe(2);
    expect((await pending("s")).gap?.waiting).toBe(8);
  });

  it("of a sequence that the exchange never comes to holds nothing else up", async () => {
    await ingest(accountState("t", "100", []), transfer("t", 900_000_000));
    expect(await check("t")).toMatchObject([{ attempt: 1, needs_sequence: 900_000_000 }]);
    await ingest(accountState("t", "5", [], 5));
    // It was asked about already: the requests go on at their pace.
    expect(await check("t")).toEqual([]);
    expect((await pending("t")).events).toHaveLength(1);
    await ingest(transfer("t", 6), transfer("t", 8));
    expect(await check("t")).toMatchObject([
      { attempt: 1, message: "t holds sequence 6 and 8 waits: sequence 7 is missing; send it, or account_state" },
    ]);
    await ingest(transfer("t", 7));
    expect(await held("t")).toMatchObject({ ledgerSequence: 8 });
  });

  it("holds nothing up either where the exchange answers with the state as it was", async () => {
    await ingest(accountState("x", "100", [], 12), transfer("x", 900_000_000));
    expect(await check("x")).toHaveLength(1);
    await ingest(accountState("x", "5", [], 12));
    expect(await check("x")).toEqual([]);
    await ingest(transfer("x", 14));
    expect(await check("x")).toMatchObject([{ attempt: 1, held_sequence: 12, waiting_events: 2 }]);
  });

  it("and came after the request is asked about anew when the answer leaves it out", async () => {
    await ingest(accountState("u", "100", []), transfer("u", 4));
    expect(await check("u")).toMatchObject([{ attempt: 1 }]);
    await ingest(transfer("u", 9), accountState("u", "5", [], 5));
    expect(await check("u")).toMatchObject([{ attempt: 1, held_sequence: 5, needs_sequence: 9, waiting_events: 1 }]);
    await ingest(accountState("u", "9", [], 9));
    expect(await pending("u")).toEqual(nothing);
  });
});

describe("an event that is refused", () => {
  it("leaves the account behind, so that its state is asked for until the event comes corrected", async () => {
    const unknown = { kind: "fill", instrument_id: "NO-SUCH", quantity: "1", price: "1", order_id: null };
    const { asset: _, amount: __, ...base } = transfer("f", 2) as Extract<AccountEvent, { kind: "transfer" }>;
    await ingest(accountState("f", "100", []), { ...base, ...unknown }, transfer("f", 3));
    expect(await stage.drain("Rejects")).toHaveLength(1);
    const [request] = await check("f");
    expect(request).toMatchObject({ reason: "refused_event", held_sequence: 1, needs_sequence: 3, waiting_events: 1 });
    expect(request?.message).toMatch(
      /^f holds sequence 1; sequence 2 was refused: instrument_id NO-SUCH: an instrument .*: send it corrected, or account_state$/,
    );
    await ingest(transfer("f", 6), transfer("f", 2));
    expect(await tickAfter(1)).toMatchObject([
      {
        message: "f holds sequence 3 and 6 waits: sequences 4 to 5 are missing; send them, or account_state",
        attempt: 2,
      },
    ]);
    await ingest(transfer("f", 4), transfer("f", 5));
    expect(await held("f")).toMatchObject({ ledgerSequence: 6, collateral: [{ amount: "105" }] });
    expect(await pending("f")).toEqual(nothing);
  });

  it("by the contract does too, where it says whose and which it is", async () => {
    await ingest(accountState("g", "100", []), { ...transfer("g", 2), amount: "1e9" });
    expect(await check("g")).toMatchObject([{ reason: "refused_event", needs_sequence: 2 }]);
    await ingest({ ...transfer("g", 1), amount: "1e9" });
    await ingest(accountState("g", "100", [], 2));
    expect(await pending("g")).toEqual(nothing);
  });

  it("when its turn comes is kept with its reason, and those after it wait on", async () => {
    const none = { ...transfer("h", 3), pool_id: "no-such" };
    await ingest(accountState("h", "100", []), none, transfer("h", 4), transfer("h", 2));
    expect(await held("h")).toMatchObject({ ledgerSequence: 2 });
    const [kept] = (await stage.drain("Rejects")).map((message) => rejectedInput.parse(message));
    expect(kept).toMatchObject({ reference: "h/3", refusals: [{ path: "pool_id", value: "no-such" }] });
    expect(JSON.parse(kept?.body ?? "")).toEqual(none);
    expect(await check("h")).toMatchObject([{ reason: "refused_event", held_sequence: 2, waiting_events: 1 }]);
    await ingest(accountState("h", "500", [], 3));
    expect(await held("h")).toMatchObject({ ledgerSequence: 4, collateral: [{ amount: "501" }] });
    expect(await pending("h")).toEqual(nothing);
  });

  it("for a sequence that ran away is asked about, and the account goes on", async () => {
    await ingest(accountState("i", "100", []), accountState("i", "1", [], 2 ** 50));
    const [request] = await check("i");
    expect(request?.message).toContain(
      "which is 1000000000 above the 1 held: send account_state with the account's own",
    );
    await ingest(transfer("i", 2));
    expect(await held("i")).toMatchObject({ ledgerSequence: 2 });
    expect(await pending("i")).toEqual(nothing);
  });
});

describe("a refused event of a sequence that the account does not come to", () => {
  it("is beyond the next one where the sequence ran away, whatever else is wrong", async () => {
    await ingest(accountState("va", "100", [], 10), transfer("va", 8_000_000_000_000_000, "abc"));
    expect(await check("va")).toMatchObject([{ reason: "refused_event", needs_sequence: 11 }]);
    await ingest(transfer("va", 11));
    expect(await pending("va")).toEqual(nothing);
    await ingest(transfer("va", 13));
    expect(await check("va")).toMatchObject([{ reason: "missing_events", attempt: 1, held_sequence: 11 }]);
  });

  it.each([
    ["a newer state", "vb", 12],
    ["the state as it was", "vc", 10],
  ])("is needed no more when the exchange answers with %s", async (_, id, answered) => {
    await ingest(accountState(id, "100", [], 10), transfer(id, 900_000_000, "abc"));
    expect(await check(id)).toMatchObject([{ reason: "refused_event", needs_sequence: 900_000_000 }]);
    await ingest(accountState(id, "50", [], answered));
    expect(await pending(id)).toEqual(nothing);
    await ingest(transfer(id, answered + 2));
    expect(await check(id)).toMatchObject([{ reason: "missing_events", attempt: 1 }]);
  });

  it("is asked about before a state that nobody asked for drops it", async () => {
    await ingest(accountState("vd", "100", [], 10), transfer("vd", 12, "abc"), accountState("vd", "5", [], 11));
    expect(await check("vd")).toMatchObject([{ reason: "refused_event", held_sequence: 11, needs_sequence: 12 }]);
    await ingest(accountState("vd", "5", [], 11));
    expect(await pending("vd")).toEqual(nothing);
  });
});

describe("an account that cannot be read", () => {
  it.each([
    ["not even its sequence", "broken"],
    ["its sequence only", 1],
  ])("has its events wait for the state that replaces it: %s can be read", async (_, ledger_sequence) => {
    await ingest(accountState("j", "100", []));
    const key = { pk: `SHARD#00${shardOf("j", shardCount)}`, sk: "ACCOUNT#j" };
    const Item = marshall({ ...key, ledger_sequence, data: new Uint8Array([1, 2, 3]) });
    await stage.dynamodb.send(new PutItemCommand({ TableName: "Ledger", Item }));
    expect(await ingest(transfer("j", 2), transfer("j", 4, "4"))).toBe(2);
    const [request] = await check("j");
    expect(request).toMatchObject({ reason: "unreadable_account", held_sequence: Number(ledger_sequence) || 0 });
    expect(request?.message).toMatch(/^j cannot be read \(.+\): only account_state can replace it$/);
    await ingest(accountState("j", "10", [], 2 ** 53 - 1));
    expect(await held("j")).toBeNull();
    await ingest(accountState("j", "10", [], 3));
    expect(await held("j")).toMatchObject({ ledgerSequence: 4, collateral: [{ amount: "14" }] });
    expect(await pending("j")).toEqual(nothing);
  });
});

describe("the schedule", () => {
  it("asks where the check was lost, and again after a minute, five, fifteen and each hour", async () => {
    await ingest(accountState("k", "100", []), transfer("k", 3));
    expect(await tickAfter(0)).toEqual([]);
    const asked: number[] = [];
    for (let minute = 1; minute <= 150; minute += 1) {
      const [request] = await tickAfter(1);
      if (request) asked.push(minute);
    }
    expect(asked).toEqual([1, 2, 7, 22, 82, 142]);
    await ingest(transfer("k", 2));
    expect(await tickAfter(60)).toEqual([]);
  });

  it("opens the gap of an event that waits without one, and clears what a crash left of a closed one", async () => {
    await ingest(accountState("l", "100", [], 5));
    await parkEvent(stage.table("Ledger"), shardOf("l", shardCount), transfer("l", 4), Date.now());
    await parkEvent(stage.table("Ledger"), shardOf("m", shardCount), transfer("m", 4), Date.now());
    await tickAfter(0);
    expect(await pending("l")).toEqual(nothing);
    expect(await tickAfter(1)).toMatchObject([{ account_id: "m", reason: "unknown_account" }]);
  });

  it("asks about an account whose gap cannot be read, and goes on with the others (I9)", async () => {
    for (const accountId of ["g1", "g2", "g3"]) {
      await ingest(accountState(accountId, "1", []), transfer(accountId, 3));
      await check(accountId);
    }
    await ingest(transfer("g2", 2));
    for (const accountId of ["g1", "g2"]) {
      const key = { pk: `PENDING#${String(shardOf(accountId, shardCount)).padStart(3, "0")}`, sk: `${accountId}#GAP` };
      const Item = marshall({ ...key, refused: "no" });
      await stage.dynamodb.send(new PutItemCommand({ TableName: "Ledger", Item }));
      expect((await pending(accountId)).gapProblem).toBeDefined();
    }
    const told = [...(await tickAfter(2)), ...(await tickAfter(5))].map(({ account_id }) => account_id);
    expect(new Set(told)).toEqual(new Set(["g1", "g2", "g3"]));
    // What g2 lacked has come: the exchange has nothing newer to say.
    await ingest(accountState("g1", "1", [], 4), accountState("g2", "1", [], 3), accountState("g3", "1", [], 4));
    for (const accountId of ["g1", "g2", "g3"]) expect(await pending(accountId), accountId).toEqual(nothing);
  });

  it("gives an account up after a day that was never known, unless an event of it waits", async () => {
    await ingest({ ...transfer("wa", 2), amount: "abc" }, transfer("wb", 2));
    expect((await tickAfter(1)).map(({ account_id }) => account_id).sort()).toEqual(["wa", "wb"]);
    expect(await tickAfter(23 * 60)).toHaveLength(2);
    expect(await tickAfter(61)).toMatchObject([{ account_id: "wb" }]);
    expect(await pending("wa")).toEqual(nothing);
    expect((await pending("wb")).events).toHaveLength(1);
  });

  it("counts a request that SNS did not take as none", async () => {
    await ingest(accountState("n", "100", []), transfer("n", 3));
    stage.sns.middlewareStack.add(() => () => Promise.reject(new Error("SNS is away")), {
      step: "initialize",
      name: "away",
    });
    const Records = [queueRecord(JSON.stringify({ schema_version: 1, account_id: "n" }), "check")];
    const answer = await functions.onGap({ Records }, lambdaContext("RequestAccountStatesOnGap"));
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "check" }] });
    stage.sns.middlewareStack.remove("away");
    expect(await check("n")).toMatchObject([{ account_id: "n", attempt: 1 }]);
  });
});

describe("a batch of a FIFO queue", () => {
  it("fails of a group what follows a failure, and does the other groups (I9)", async () => {
    const shard = shardOf("o", shardCount);
    const places = { pk: `SHARD#00${shard}`, sk: "PLACES", accounts: limits.accountsPerShard };
    await stage.dynamodb.send(new PutItemCommand({ TableName: "Ledger", Item: marshall(places) }));
    const other = ["p", "q", "r", "s"].find((name) => shardOf(name, shardCount) !== shard) ?? "";
    const events = [accountState("o", "1", []), accountState(other, "1", []), transfer("o", 2), transfer(other, 2)];
    const Records = events.map((event, index) =>
      queueRecord(JSON.stringify(event), String(index), {
        SentTimestamp: String(Date.now()),
        MessageGroupId: (event as AccountEvent).account_id,
      }),
    );
    const { batchItemFailures } = await functions.ingestAccounts({ Records }, lambdaContext("IngestAccounts"));
    expect(batchItemFailures).toEqual([{ itemIdentifier: "0" }, { itemIdentifier: "2" }]);
    expect(await held(other)).toMatchObject({ ledgerSequence: 2 });
    // Without that, the second would have been parked, and acknowledged before the first.
    expect(await pending("o")).toEqual(nothing);
  });
});
