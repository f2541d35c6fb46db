import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startFauxqs } from "fauxqs";

/** DynamoDB, SNS and SQS on this machine. They start empty. */
export interface Emulators {
  readonly dynamodbEndpoint: string;
  readonly messagingEndpoint: string;
  stop(): Promise<void>;
}

/** Starts the emulators in memory. Throws if DynamoDB does not answer within ten seconds. */
export async function startEmulators(): Promise<Emulators> {
  const port = await findFreePort();
  const packageFile = createRequire(import.meta.url).resolve(
    `@dynoxide/${process.platform}-${process.arch}/package.json`,
  );
  const dynamodb = spawn(join(dirname(packageFile), "dynoxide"), ["--port", String(port)], { stdio: "ignore" });
  const dynamodbEndpoint = `http://127.0.0.1:${port}`;
  await waitUntilServing(dynamodbEndpoint, dynamodb);
  const messaging = await startFauxqs({ port: 0, logger: false });
  return {
    dynamodbEndpoint,
    messagingEndpoint: `http://127.0.0.1:${messaging.port}`,
    async stop() {
      dynamodb.kill();
      await messaging.stop();
    },
  };
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("No free port");
  return address.port;
}

async function waitUntilServing(endpoint: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (child.exitCode !== null) throw new Error(`dynoxide ended with ${child.exitCode}`);
    const isServing = await fetch(endpoint, { method: "POST", body: "{}" }).then(
      () => true,
      () => false,
    );
    if (isServing) return;
    await sleep(20);
  }
  throw new Error(`dynoxide does not answer at ${endpoint}`);
}
