import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { evaluateStacks } from "@plimsoll/local";
import { rounded } from "./rounded.ts";

const run = promisify(execFile);

/** Times that each bundle is loaded; the median counts. */
const loads = 3;

/**
 * What a cold start loads: the bytes of each function's bundle, and how long a new process takes to load it. The time is
 * that of this machine, without the start of the process itself.
 */
export async function benchBundles() {
  const { functions } = await evaluateStacks({ stage: "local" });
  const measured = [];
  for (const { logicalName, bundlePath, bundleBytes, environment } of functions) {
    const times: number[] = [];
    for (let load = 0; load < loads; load += 1) times.push(await importMs(bundlePath ?? "", environment));
    times.sort((a, b) => a - b);
    measured.push({ function: logicalName, bundle_bytes: bundleBytes, import_ms: rounded(times[loads >> 1]!) });
  }
  return measured;
}

async function importMs(bundle: string, environment: Readonly<Record<string, string>>): Promise<number> {
  const script = `
    const start = performance.now();
    await import(${JSON.stringify(bundle)});
    console.log(performance.now() - start);
    process.exit();`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], {
    env: { ...environment, AWS_REGION: "us-east-1" },
  });
  return Number(stdout);
}
