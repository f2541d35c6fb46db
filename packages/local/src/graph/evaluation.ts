/**
 * This process runs the program for `evaluateStacks`. It gets one request in its arguments and sends one answer to its
 * parent.
 */
import { join } from "node:path";
import { bundleHandlers } from "./bundle-handlers.ts";
import { bundleComponents } from "./components.ts";
import type { EvaluationAnswer, EvaluationRequest } from "./evaluate.ts";
import { type CreatedResource, createResource, lookUp, type Registration } from "./mocks.ts";
import { type Evaluated, readGraph } from "./read-graph.ts";
import { type BuildRequest, serveSst } from "./rpc-server.ts";

interface AppConfig {
  name: string;
  removal?: string;
  protect?: boolean;
  providers?: { aws?: { defaultTags?: { tags?: Record<string, string> } } };
}

interface SstConfig {
  app(input: { stage: string }): AppConfig | Promise<AppConfig>;
  run(): Promise<unknown>;
}

type ResourceOptions = { protect?: boolean; retainOnDelete?: boolean };

/** The exports of the bundle of SST's components that are used here. */
interface Components {
  run(program: () => Promise<unknown>): Promise<unknown>;
  globals: Record<string, unknown>;
  sst: unknown;
  aws: unknown;
  pulumi: {
    output(value: unknown): { apply(use: (resolved: Record<string, string>) => void): unknown };
    runtime: {
      setMocks(
        mocks: {
          newResource(registration: Registration): { id: string; state: Record<string, unknown> };
          call(lookup: { token: string; inputs: Record<string, unknown> }): Record<string, unknown>;
        },
        project: string,
        stack: string,
        preview: boolean,
      ): Promise<void>;
      runInPulumiStack(program: () => Promise<unknown>): Promise<unknown>;
      registerStackTransformation(
        transformation: (resource: { type: string; name: string; opts: ResourceOptions }) => undefined,
      ): void;
    };
  };
}

const { stage, bundles, root, platform } = JSON.parse(process.argv[2] ?? "") as EvaluationRequest;

function answer(message: EvaluationAnswer): void {
  process.send?.(message, () => process.exit());
}

function fail(error: unknown): void {
  answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}

process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);

// Pulumi takes a stack trace for each of its promises. With ten frames that takes half of the time of an evaluation.
Error.stackTraceLimit = 2;

const directory = join(root, ".plimsoll", "build", stage);

const builds: BuildRequest[] = [];
process.env.SST_SERVER = await serveSst((request) => {
  builds.push(request);
  const exported = request.handler.slice(request.handler.lastIndexOf("."));
  return { handler: `bundle${exported}`, out: join(directory, request.functionID) };
});

const scope = globalThis as Record<string, unknown>;
const app: Record<string, unknown> = { stage };
scope.$app = app;
scope.$dev = false;
scope.$cli = {
  command: "deploy",
  paths: { home: root, root, work: join(root, ".plimsoll", "sst"), platform: platform.directory },
  state: { version: {} },
};
const components = (await import(await bundleComponents(platform))) as Components;
Object.assign(scope, components.globals, { sst: components.sst, aws: components.aws });

// Node runs the configuration directly. SST's command line would bundle it, with the same names in scope.
const config = ((await import(join(root, "sst.config.ts"))) as { default: SstConfig }).default;
const appConfig = await config.app({ stage });
Object.assign(app, { removal: "retain", protect: false, ...appConfig });

const resources: CreatedResource[] = [];
let outputs: Record<string, string> = {};
const lifecycles = new Map<string, Required<ResourceOptions>>();
const { runtime } = components.pulumi;
await runtime.setMocks(
  {
    newResource: (registration) => {
      const resource = createResource(registration);
      resources.push(resource);
      return resource;
    },
    call: ({ token, inputs }) => lookUp(token, inputs),
  },
  appConfig.name,
  stage,
  false,
);

// SST creates resources in callbacks that nothing waits for. All have run when the process has nothing left to do.
process.once("beforeExit", () => {
  const evaluated: Evaluated = { app: appConfig, stage, resources, lifecycles, builds, outputs };
  const built = bundles === "build" ? bundleHandlers(root, directory, builds) : Promise.resolve(null);
  built.then((handlers) => answer({ graph: readGraph(evaluated, handlers) }), fail);
});

await runtime.runInPulumiStack(() =>
  components.run(async () => {
    // This comes after SST's own transformations, so that it sees what they retain.
    runtime.registerStackTransformation(({ type, name, opts: { protect = false, retainOnDelete = false } }) => {
      lifecycles.set(`${type} ${name}`, { protect, retainOnDelete });
      return undefined;
    });
    const returned = (await config.run()) ?? {};
    components.pulumi.output(returned).apply((resolved) => {
      outputs = resolved;
    });
    return returned;
  }),
);
