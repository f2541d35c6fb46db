import diagnosticsChannel from "node:diagnostics_channel";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { startFauxqs } from "fauxqs";

/** The number of messages in a queue by state. */
export interface QueueCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** The emulator of SNS and SQS, which runs in this process. */
export interface MessagingEmulator {
  readonly endpoint: string;
  /** Returns the address of a queue for clients. The emulator's own address would need a resolver for `*.localhost`. */
  queueUrl(name: string): string;
  /** Counts the messages of a queue, or returns undefined if it does not exist. */
  counts(queueName: string): QueueCounts | undefined;
  /** Lists the handles of messages in flight, from which a trigger finds those that wait for their next attempt. */
  receiptHandles(queueName: string): readonly string[];
  stop(): Promise<void>;
}

/** The parts that we use of the web server inside fauxqs. */
interface WebServer {
  listen(options: { port: number; host: string }): Promise<string>;
  addHook(name: "preHandler", hook: (request: { body: unknown }, reply: unknown, done: () => void) => void): void;
}

const ACCOUNT_ID = "000000000000";

/** Starts fauxqs on a port of localhost, or on a free one for 0, with its database in `directory` or in memory. */
export async function startMessaging(directory: string | undefined, port = 0): Promise<MessagingEmulator> {
  if (directory !== undefined) giveBackInFlight(directory);
  const fauxqs = await onLocalhost(() =>
    startFauxqs({
      port,
      logger: false,
      ...(directory === undefined ? {} : { dataDir: directory }),
    }),
  );
  const endpoint = `http://127.0.0.1:${fauxqs.port}`;
  return {
    endpoint,
    queueUrl: (name) => `${endpoint}/${ACCOUNT_ID}/${name}`,
    counts(queueName) {
      const messages = fauxqs.inspectQueue(queueName)?.messages;
      if (messages === undefined) return undefined;
      return {
        visible: messages.ready.length,
        inFlight: messages.inflight.length,
        delayed: messages.delayed.length,
      };
    },
    receiptHandles: (queueName) =>
      fauxqs.inspectQueue(queueName)?.messages.inflight.map(({ receiptHandle }) => receiptHandle) ?? [],
    stop: () => fauxqs.stop(),
  };
}

/**
 * Returns messages to their queues that were in flight when an earlier run ended, as if they had not been received.
 * Their receivers are gone without a result, which is no failed attempt, and a visibility timeout would take minutes. A
 * message that had failed and waited for its next attempt looks the same and gets one attempt more. This edits the
 * database of fauxqs 2.4.1 before it is opened, as no call takes a receive back.
 */
function giveBackInFlight(directory: string): void {
  const path = join(directory, "fauxqs.db");
  if (!existsSync(path)) return;
  const database = new DatabaseSync(path);
  try {
    const [table] = database.prepare("SELECT name FROM sqlite_master WHERE name = 'sqs_messages'").all();
    if (table === undefined) return;
    database.exec(`
      UPDATE sqs_messages
      SET receipt_handle = NULL, visibility_deadline = NULL,
        approximate_receive_count = MAX(approximate_receive_count - 1, 0)
      WHERE receipt_handle IS NOT NULL
    `);
  } finally {
    database.close();
  }
}

/**
 * Makes fauxqs listen on localhost only. fauxqs 2.4.1 listens on every interface and has no option for the address, but
 * Fastify announces each server on this channel before it listens.
 */
async function onLocalhost<Result>(start: () => Promise<Result>): Promise<Result> {
  const confine = (message: unknown) => {
    const { fastify } = message as { fastify: WebServer };
    const listen = fastify.listen.bind(fastify);
    fastify.listen = (options) => listen({ ...options, host: "127.0.0.1" });
    fastify.addHook("preHandler", (request, _reply, done) => {
      neverZeroVisibility(request.body);
      done();
    });
  };
  diagnosticsChannel.subscribe("fastify.initialization", confine);
  try {
    return await start();
  } finally {
    diagnosticsChannel.unsubscribe("fastify.initialization", confine);
  }
}

/**
 * Replaces a visibility timeout of zero by one second, which has the same effect for a consumer. With a database,
 * fauxqs 2.4.1 loses such a message from memory, since it writes a null receive count that its own schema refuses.
 */
function neverZeroVisibility(body: unknown): void {
  if (typeof body !== "object" || body === null || !("QueueUrl" in body)) return;
  const entries: unknown[] = "Entries" in body && Array.isArray(body.Entries) ? body.Entries : [];
  for (const entry of [body, ...entries]) {
    if (typeof entry === "object" && entry !== null && "ReceiptHandle" in entry && "VisibilityTimeout" in entry) {
      if (entry.VisibilityTimeout === 0) entry.VisibilityTimeout = 1;
    }
  }
}
