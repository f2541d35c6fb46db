import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as settle } from "node:timers/promises";
import type { TestStage } from "./stage.ts";

/** The process is gone: nothing it still does reaches the outside. */
export class ProcessKilled extends Error {
  override readonly name = "ProcessKilled";
}

/** The service asks for less; the invocation gives up. */
export class Throttled extends Error {
  override readonly name = "ThrottlingException";
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

/** What happens at the next write: it is lost with the process, done but its answer lost with the process, or refused. */
export type Fault = "killed_before" | "killed_after" | "throttled";

/** Decides the fate of each write of the functions. */
export interface FaultPlan {
  /** Asked before each write; null lets it pass. */
  next(): Fault | null;
}

interface Process {
  isDead: boolean;
}

/** A call that waits for its turn. */
type Waiting = () => void;

/** Stands between the functions and their services; `plan` may be replaced at any time. */
export class FaultInjector {
  plan: FaultPlan = { next: () => null };
  /** Faults so far. */
  total = 0;
  readonly #process = new AsyncLocalStorage<Process>();
  /** Calls of processes that run side by side; null while they run one by one. */
  #turnstile: Waiting[] | null = null;
  /** Settled when the call that has its turn is done. */
  #turn = Promise.resolve();

  constructor(stage: TestStage) {
    const options = { step: "initialize", name: "faults" } as const;
    const around = (commandName: string | undefined) => this.#around(commandName ?? "");
    stage.dynamodb.middlewareStack.add((next, { commandName }) => around(commandName)(next), options);
    stage.sqs.middlewareStack.add((next, { commandName }) => around(commandName)(next), options);
    stage.sns.middlewareStack.add((next, { commandName }) => around(commandName)(next), options);
  }

  #around(commandName: string) {
    return <Args, Output>(next: (args: Args) => Promise<Output>) =>
      async (args: Args): Promise<Output> => {
        const process = this.#process.getStore();
        if (process === undefined) throw new Error(`${commandName} outside of any process`);
        const turnstile = this.#turnstile;
        if (turnstile !== null) await new Promise<void>((resolve) => turnstile.push(resolve));
        if (process.isDead) throw new ProcessKilled();
        const call = this.#call(process, commandName, () => next(args));
        this.#turn = call.then(
          () => {},
          () => {},
        );
        return call;
      };
  }

  async #call<Output>(process: Process, commandName: string, send: () => Promise<Output>): Promise<Output> {
    const fault = writes.has(commandName) ? this.plan.next() : null;
    if (fault === null) return send();
    this.total += 1;
    if (fault === "throttled") throw new Throttled(`${commandName} was throttled`);
    if (fault === "killed_after") await send();
    process.isDead = true;
    throw new ProcessKilled();
  }

  /** Runs an invocation in a process of its own; null when the process was killed, whatever its handler answered. */
  run<Result>(invoke: () => Promise<Result>): Promise<Result | null> {
    const process: Process = { isDead: false };
    return this.#process.run(process, async () => {
      try {
        const result = await invoke();
        return process.isDead ? null : result;
      } catch (error) {
        if (process.isDead || error instanceof Throttled) return null;
        throw error;
      }
    });
  }

  /**
   * Runs invocations side by side, one call to a service at a time; `pick` says whose is next. As the functions wait for
   * nothing but such calls, the same picks give the same interleaving.
   */
  async runTogether<Result>(
    invocations: readonly (() => Promise<Result>)[],
    pick: (count: number) => number,
  ): Promise<(Result | null)[]> {
    const turnstile: Waiting[] = [];
    this.#turnstile = turnstile;
    let running = invocations.length;
    const results = invocations.map((invoke) => this.run(invoke).finally(() => (running -= 1)));
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
    return Promise.all(results);
  }
}

/** Faults at one write, counted from 1. */
export function faultAt(write: number, fault: Fault): FaultPlan {
  let seen = 0;
  return {
    next: () => {
      seen += 1;
      return seen === write ? fault : null;
    },
  };
}
