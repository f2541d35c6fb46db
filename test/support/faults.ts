import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as settle } from "node:timers/promises";
import type { Clients } from "./clients.ts";

/** Says that the process was killed. Nothing that it still does reaches the outside. */
export class ProcessKilled extends Error {
  override readonly name = "ProcessKilled";
}

/** Says that the service throttled a call, which ends the invocation. */
export class Throttled extends Error {
  override readonly name = "ThrottlingException";
}

/** Says that the service does not answer. It may have done what it was asked. */
export class NoAnswer extends Error {
  override readonly name = "TimeoutError";
}

const writes = new Set([
  "PutItemCommand",
  "UpdateItemCommand",
  "DeleteItemCommand",
  "TransactWriteItemsCommand",
  "BatchWriteItemCommand",
  "SendMessageBatchCommand",
  "PublishBatchCommand",
  "PublishCommand",
]);

/**
 * The faults that can happen at a call:
 *
 * - `killed_before`: the call is lost with the process.
 * - `killed_after`: the call is done, and its answer is lost with the process.
 * - `throttled`: the call is refused.
 * - `unanswered`: the call is done, and its answer is lost for good.
 * - `repeated`: the first answer is lost, and the client sends the call again by itself.
 * - `partly`: the second half of a batch is not taken. A call that is no batch is throttled.
 */
export const faultKinds = ["killed_before", "killed_after", "throttled", "unanswered", "repeated", "partly"] as const;
export type Fault = (typeof faultKinds)[number];

/** Decides which fault happens at each call of the functions. */
export interface FaultPlan {
  /**
   * Returns the fault of the next call, or null to let it pass. It is asked before each write, and before each read if
   * `reads` is true.
   */
  next(): Fault | null;
  readonly reads?: boolean;
}

export const noFaults: FaultPlan = { next: () => null };

interface Process {
  isDead: boolean;
  /** How far the process's clock is ahead of the true time. */
  readonly skewMs: number;
}

interface Command {
  readonly input: Record<string, unknown>;
}

type CommandClass = new (input: Record<string, unknown>) => Command;

type Send = (command: Command) => Promise<unknown>;

/** Lets a call proceed that waits for its turn. */
type Waiting = () => void;

/** Stands between the functions and their services, and injects faults. `plan` may be replaced at any time. */
export class FaultInjector {
  plan: FaultPlan = noFaults;
  /** The number of faults so far, and then of calls. */
  total = 0;
  calls = 0;
  readonly #process = new AsyncLocalStorage<Process>();
  /** The waiting calls of processes that run side by side; null while processes run one by one. */
  #turnstile: Waiting[] | null = null;
  /** Settles when the call that has its turn is done. */
  #turn = Promise.resolve();

  constructor(functions: Clients) {
    for (const client of [functions.dynamodb, functions.sqs, functions.sns]) {
      const send = client.send.bind(client) as unknown as Send;
      Object.assign(client, { send: (command: Command) => this.#pass(command, send) });
    }
  }

  /** Returns the clock skew of the asking process, or 0 outside of any process. */
  skewMs(): number {
    return this.#process.getStore()?.skewMs ?? 0;
  }

  async #pass(command: Command, send: Send): Promise<unknown> {
    const process = this.#process.getStore();
    if (process === undefined) throw new Error(`${command.constructor.name} outside of any process`);
    const turnstile = this.#turnstile;
    if (turnstile !== null) await new Promise<void>((resolve) => turnstile.push(resolve));
    if (process.isDead) throw new ProcessKilled();
    const call = this.#call(process, command, send);
    this.#turn = call.then(
      () => {},
      () => {},
    );
    return call;
  }

  async #call(process: Process, command: Command, send: Send): Promise<unknown> {
    const { name } = command.constructor;
    this.calls += 1;
    const isWrite = writes.has(name);
    const fault = isWrite || this.plan.reads === true ? this.plan.next() : null;
    if (fault === null) return send(command);
    this.total += 1;
    switch (fault) {
      case "throttled":
        throw new Throttled(`${name} was throttled`);
      case "partly":
        return sendPartly(command, send);
      case "unanswered":
        await send(command).catch(() => {});
        throw new NoAnswer(`${name} was not answered`);
      case "repeated":
        await send(command).catch(() => {});
        return send(command).catch(asRepeated);
      case "killed_after":
        await send(command).catch(() => {});
    }
    process.isDead = true;
    this.onDeath();
    throw new ProcessKilled();
  }

  /** Called when a process dies, so that a world can discard the memory of that process. */
  onDeath: () => void = () => {};

  /**
   * Runs an invocation in a process of its own. Returns null if the process was killed or a fault of a service ended
   * it.
   */
  run<Result>(invoke: () => Promise<Result>, skewMs = 0): Promise<Result | null> {
    const process: Process = { isDead: false, skewMs };
    return this.#process.run(process, async () => {
      try {
        const result = await invoke();
        return process.isDead ? null : result;
      } catch (error) {
        if (process.isDead || isOfService(error)) return null;
        throw error;
      }
    });
  }

  /**
   * Runs invocations side by side, one call to a service at a time. `pick` chooses the next of the waiting calls. The
   * functions wait for nothing but such calls, so the same picks give the same interleaving.
   */
  async runTogether<Result>(
    invocations: readonly (() => Promise<Result>)[],
    pick: (count: number) => number,
    skewMs = 0,
  ): Promise<(Result | null)[]> {
    if (invocations.length === 1) return [await this.run(invocations[0] as () => Promise<Result>, skewMs)];
    const turnstile: Waiting[] = [];
    this.#turnstile = turnstile;
    let running = invocations.length;
    const results = Promise.all(invocations.map((invoke) => this.run(invoke, skewMs).finally(() => (running -= 1))));
    // The results are awaited only after the last invocation ends. Until then a failure must not count as unhandled.
    results.catch(() => {});
    while (running > 0) {
      await settle();
      await settle();
      const [waiting] = turnstile.splice(pick(turnstile.length), 1);
      if (waiting === undefined) continue;
      waiting();
      await settle();
      await this.#turn;
    }
    this.#turnstile = null;
    return results;
  }
}

/** Tells whether a fault of a service ended an invocation, either as the error itself or as its cause. */
function isOfService(error: unknown): boolean {
  if (error instanceof Throttled || error instanceof NoAnswer) return true;
  // The gateway in front of SNS cuts connections.
  if (error instanceof Error && "code" in error && String(error.code).startsWith("ECONN")) return true;
  return error instanceof Error && (error.cause === undefined ? false : isOfService(error.cause));
}

/** Throws the error as the client does for the second of two tries. It says that there was a first try. */
function asRepeated(error: unknown): never {
  if (error instanceof Error && "$metadata" in error) Object.assign(error.$metadata as object, { attempts: 2 });
  throw error;
}

/** Sends a batch so that the service takes only its first half. Throttles a call that is no batch. */
async function sendPartly(command: Command, send: Send): Promise<unknown> {
  const { name } = command.constructor;
  const part = (changes: Record<string, unknown>) =>
    send(new (command.constructor as CommandClass)({ ...command.input, ...changes }));
  const { RequestItems, Entries, PublishBatchRequestEntries } = command.input;
  if (name === "BatchWriteItemCommand" || name === "BatchGetItemCommand") {
    const [table = "", requests] = Object.entries(RequestItems as object)[0] ?? [];
    const isRead = name === "BatchGetItemCommand";
    const all: unknown[] = isRead ? requests.Keys : requests;
    const [taken, left] = halves(all);
    const asRequests = (some: unknown[]) => ({ [table]: isRead ? { ...requests, Keys: some } : some });
    const answer = taken.length === 0 ? {} : await part({ RequestItems: asRequests(taken) });
    return { ...(answer as object), [isRead ? "UnprocessedKeys" : "UnprocessedItems"]: asRequests(left) };
  }
  if (name === "SendMessageBatchCommand") return withFailed(Entries as Entry[], (taken) => part({ Entries: taken }));
  if (name === "PublishBatchCommand") {
    return withFailed(PublishBatchRequestEntries as Entry[], (taken) => part({ PublishBatchRequestEntries: taken }));
  }
  throw new Throttled(`${name} was throttled`);
}

interface Entry {
  readonly Id?: string;
}

async function withFailed(entries: Entry[], send: (taken: Entry[]) => Promise<unknown>): Promise<unknown> {
  const [taken, left] = halves(entries);
  const answer = taken.length === 0 ? {} : await send(taken);
  const Failed = left.map(({ Id }) => ({ Id, Code: "InternalError", SenderFault: false }));
  return { ...(answer as object), Failed };
}

function halves<Item>(items: readonly Item[]): [Item[], Item[]] {
  const middle = items.length >> 1;
  return [items.slice(0, middle), items.slice(middle)];
}

/** Returns a plan with a fault at one write, counted from 1. */
export function faultAt(write: number, fault: Fault): FaultPlan {
  let seen = 0;
  return {
    next: () => {
      seen += 1;
      return seen === write ? fault : null;
    },
  };
}
