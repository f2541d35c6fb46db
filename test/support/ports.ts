import { createServer, type Server } from "node:net";

/** Listens on a port of this machine, or resolves to null where something else does. */
export function listens(port: number): Promise<Server | null> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(null));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

/** Resolves once the server has given its port back. */
export function close(server: Server): Promise<unknown> {
  return new Promise((resolve) => server.close(resolve));
}

/** Returns a port that is free together with the two after it. Processes that run side by side look in places apart. */
export async function freePorts(): Promise<number> {
  for (let port = 21_000 + 30 * (process.pid % 350); ; port += 3) {
    const servers = await Promise.all([port, port + 1, port + 2].map(listens));
    for (const server of servers) if (server !== null) await close(server);
    if (servers.every((server) => server !== null)) return port;
  }
}
