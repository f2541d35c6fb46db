import { readFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { pathToFileURL } from "node:url";
import type { InvocationError, SandboxAnswer, SandboxRequest } from "./protocol.ts";

// This runs as a process of its own, see sandbox.ts. It loads a bundle and answers one request after another.

type Handler = (event: unknown, context: object) => unknown;

const [bundlePath = "", exportName = ""] = process.argv.slice(2);

delete process.env.NODE_COMPILE_CACHE;
process.on("disconnect", () => process.exit());

try {
  const handler = await loadHandler();
  process.on("message", (request: SandboxRequest) => {
    void answer(handler, request);
  });
  send({ kind: "loaded", peakRssBytes: peakRssBytes() });
  // This is done now, since a sandbox ends by a kill, which writes nothing.
  flushCompileCache();
} catch (error) {
  console.error(error);
  send({ kind: "failed", error: describe(error, "Runtime.ImportModuleError"), peakRssBytes: peakRssBytes() });
}

async function loadHandler(): Promise<Handler> {
  const bundle: Record<string, unknown> = await import(pathToFileURL(bundlePath).href);
  const handler = bundle[exportName];
  if (typeof handler !== "function") {
    throw new Error(`${bundlePath} exports no function ${exportName}; it exports ${Object.keys(bundle).join(", ")}`);
  }
  return handler as Handler;
}

async function answer(handler: Handler, request: SandboxRequest): Promise<void> {
  try {
    const result = await handler(JSON.parse(request.event), contextOf(request));
    send({ kind: "succeeded", payload: JSON.stringify(result) ?? "null", peakRssBytes: peakRssBytes() });
  } catch (error) {
    console.error(error);
    send({ kind: "failed", error: describe(error, "Error"), peakRssBytes: peakRssBytes() });
  }
}

function contextOf(request: SandboxRequest): object {
  const { awsRequestId, functionName, invokedFunctionArn, memoryLimitInMB, deadlineMs, localTimeMs } = request;
  return {
    ...(localTimeMs === null ? {} : { clientContext: { custom: { local_time_ms: localTimeMs } } }),
    awsRequestId,
    functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn,
    memoryLimitInMB,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: "local",
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  };
}

function send(message: SandboxAnswer): void {
  process.send?.(message);
}

function describe(error: unknown, fallbackType: string): InvocationError {
  if (!(error instanceof Error)) {
    return { errorType: fallbackType, errorMessage: String(error), stackTrace: [] };
  }
  return {
    errorType: error.name,
    errorMessage: error.message,
    stackTrace: error.stack?.split("\n") ?? [],
  };
}

/**
 * Returns the peak memory of this process in bytes. Linux's rusage would include that of the parent from before `exec`.
 */
function peakRssBytes(): number {
  try {
    const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    if (kibibytes !== undefined) return Number(kibibytes) * 1_024;
  } catch {
    // Only Linux has this file.
  }
  return process.resourceUsage().maxRSS * 1_024;
}
