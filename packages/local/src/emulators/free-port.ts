import { once } from "node:events";
import { createServer } from "node:net";

/** Thrown if a port that was asked for is taken. The message says what it was for and what to do. */
export class PortError extends Error {
  override readonly name = "PortError";
}

/** Throws a `PortError` unless something may listen on this port of localhost. `use` says what it is for. */
export async function requireFreePort(port: number, use: string): Promise<void> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (cause) {
    throw new PortError(`port ${port}, for ${use}, is taken: end what listens there, or choose another --port`, {
      cause,
    });
  }
  server.close();
  await once(server, "close");
}

/** Finds a TCP port on localhost that was free a moment ago, for a program that cannot choose one itself. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("A TCP server has no port");
  return address.port;
}
