import type { AccountEvent, Refusal } from "@plimsoll/schema";
import { postEvents, putAccount } from "../contract/routes.ts";
import { ApiProblem } from "../serve/api-problem.ts";
import { answering, type ServePorts } from "../serve/serve.ts";

/** Largest event in bytes, as the queue takes no larger message. */
export const eventBytesLimit = 250_000;

export interface TakePorts extends ServePorts {
  /** Sends events to the queue of account events, in their order. */
  readonly sendEvents: (accountId: string, events: readonly AccountEvent[]) => Promise<void>;
}

/** Takes the whole state of an account. */
export const takeAccount = answering(putAccount, async ({ params: { id }, body }, ports: TakePorts) => {
  return take(id, [body], [""], ports);
});

/** Takes events of an account. They must be in the order of their sequences, without gaps. */
export const takeEvents = answering(postEvents, async ({ params: { id }, body: { events } }, ports: TakePorts) => {
  const paths = events.map((_, index) => `events[${index}].`);
  const gap = events.findIndex((event, index) => {
    const before = events[index - 1];
    return before !== undefined && event.ledger_sequence !== before.ledger_sequence + 1;
  });
  if (gap >= 0) {
    const [before, event] = [events[gap - 1]!, events[gap]!];
    throw refused([
      {
        path: `events[${gap}].ledger_sequence`,
        value: String(event.ledger_sequence),
        problem: `${before.ledger_sequence + 1}, the sequence after the event before it`,
      },
    ]);
  }
  return take(id, events, paths, ports);
});

async function take(
  accountId: string,
  events: readonly AccountEvent[],
  paths: readonly string[],
  { sendEvents }: TakePorts,
) {
  const faults = events.flatMap((event, index): Refusal[] => {
    const path = paths[index] ?? "";
    if (event.account_id !== accountId) {
      return [{ path: `${path}account_id`, value: event.account_id, problem: `${accountId}, the account of the path` }];
    }
    const bytes = Buffer.byteLength(JSON.stringify(event));
    if (bytes <= eventBytesLimit) return [];
    const problem = `an event of at most ${eventBytesLimit} bytes`;
    return [{ path: path === "" ? "$" : path.slice(0, -1), value: `${bytes} bytes`, problem }];
  });
  if (faults.length > 0) throw refused(faults);
  await sendEvents(accountId, events);
  return {
    account_id: accountId,
    events: events.length,
    ledger_sequence: events.at(-1)!.ledger_sequence,
    status_path: `/v1/accounts/${encodeURIComponent(accountId)}`,
    margin_path: `/v1/accounts/${encodeURIComponent(accountId)}/margin`,
  };
}

function refused(refusals: readonly Refusal[]): ApiProblem {
  const errors = refusals.map(({ path, value, problem }) => ({ field: path, value, remedy: problem }));
  return new ApiProblem("invalid_request", `${errors[0]!.field}: ${errors[0]!.remedy}`, { errors });
}
