import diagnosticsChannel from "node:diagnostics_channel";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { startFauxqs } from "fauxqs";

/** How many messages a queue holds. */
export interface QueueCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** SNS and SQS in this process. */
export interface MessagingEmulator {
  readonly endpoint: string;
  /** The address that clients use; the emulator's own would need a resolver for `*.localhost`. */
  queueUrl(name: string): string;
  /** Counts of a queue, or undefined when there is no such queue. */
  counts(queueName: string): QueueCounts | undefined;
  /** Handles of the messages in flight, by which a trigger knows those that wait for their next try. */
  receiptHandles(queueName: string): readonly string[];
  stop(): Promise<void>;
}

/** What we touch of the web server inside fauxqs. */
interface WebServer {
  listen(options: { port: number; host: string }): Promise<string>;
  addHook(name: "preHandler", hook: (request: { body: unknown }, reply: unknown, done: () => void) => void): void;
}

const ACCOUNT_ID = "000000000000";

/** Starts fauxqs on a free port of localhost, with its database in `directory` or in memory. */
export async function startMessaging(directory: string | undefined): Promise<MessagingEmulator> {
  if (directory !== undefined) giveBackInFlight(directory);
  const fauxqs = await onLocalhost(() =>
    startFauxqs({
      port: 0,
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
 * Makes messages as if they had not been received that were in flight when an earlier run ended: their receivers are gone
 * without an outcome, which is no failed attempt, and nobody wants to wait out a visibility timeout of minutes. One that had
 * failed and was waiting for its next try looks the same and gets one more. Done in the database of fauxqs 2.4.1 before it is
 * read, as there is no call that takes a receive back.
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
 * fauxqs 2.4.1 listens on every interface of the machine and takes no address; Fastify announces each server on this
 * channel before it listens, which lets us keep it to this machine.
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
 * fauxqs 2.4.1 loses a message from memory when its visibility is set to zero while it keeps a database: it writes a
 * null receive count, which its own schema refuses. One second comes to the same for a consumer.
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
