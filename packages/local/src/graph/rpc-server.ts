import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

/** The request of an SST component to its command line when a program declares a function. */
export interface BuildRequest {
  /** The component's name. */
  readonly functionID: string;
  /** The path without its ending, a dot and the export. */
  readonly handler: string;
  /** The values of the links, by name. */
  readonly links: Readonly<Record<string, { readonly type: string }>>;
  readonly properties: { readonly minify?: boolean; readonly format?: string; readonly sourcemap?: boolean };
}

/** The place where the bundle will be. It may be written later, since nothing reads it while the program runs. */
export interface BuildAnswer {
  /** `bundle`, a dot and the export. */
  readonly handler: string;
  readonly out: string;
}

/**
 * Serves the calls that SST's components make to its command line while a program runs. Returns the address for
 * `SST_SERVER`. The server does not keep the process alive.
 */
export async function serveSst(onBuild: (request: BuildRequest) => BuildAnswer): Promise<string> {
  const server = createServer(async (request, response) => {
    // A kept-alive connection would keep the process running for seconds after the program's end.
    response.shouldKeepAlive = false;
    const { method, params } = (await json(request)) as { method: string; params: [unknown] };
    response.end(JSON.stringify(answer(method, params[0], onBuild)));
  });
  server.listen(0, "127.0.0.1").unref();
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function answer(method: string, argument: unknown, onBuild: (request: BuildRequest) => BuildAnswer): unknown {
  switch (method) {
    case "Provider.Aws.Bootstrap":
      return { result: { asset: "assets", assetEcrRegistryId: "", assetEcrUrl: "", state: "state" } };
    case "Runtime.Build":
      return { result: { ...onBuild(argument as BuildRequest), errors: [], sourcemaps: [] } };
    default:
      return { error: `The evaluation has no answer to SST's ${method}; see packages/local/src/graph/rpc-server.ts.` };
  }
}
