import { createServer, request, type Server } from "node:http";

/** How a service that is away treats its callers. */
export type Refusal = "answers 503" | "cuts the connection" | "never answers";

/** A proxy in front of a service. A test can make the service seem away for as long as it likes. */
export class Gateway {
  readonly endpoint: string;
  readonly #server: Server;
  isOpen = true;
  refusal: Refusal = "cuts the connection";
  /** The number of calls that were refused so far. */
  refused = 0;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.endpoint = `http://127.0.0.1:${port}`;
  }

  static async open(target: string): Promise<Gateway> {
    const { hostname, port: targetPort } = new URL(target);
    const server = createServer((incoming, outgoing) => {
      if (!gateway.isOpen) {
        gateway.refused += 1;
        incoming.resume();
        if (gateway.refusal === "answers 503") outgoing.writeHead(503).end("away");
        if (gateway.refusal === "cuts the connection") incoming.socket.destroy();
        return;
      }
      const { method, url: path, headers } = incoming;
      const onwards = request({ hostname, port: targetPort, method, path, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      onwards.on("error", () => outgoing.destroy());
      incoming.pipe(onwards);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("The gateway has no port");
    const gateway = new Gateway(server, address.port);
    return gateway;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
