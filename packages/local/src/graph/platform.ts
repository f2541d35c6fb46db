import { execFile } from "node:child_process";
import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { takeLock } from "./lock.ts";

const run = promisify(execFile);

/** SST's component sources as `sst install` writes them. */
export interface Platform {
  /** The folder `.sst/platform` of the checkout. */
  readonly directory: string;
  /** The version of SST, which is the same for the package and the platform. */
  readonly version: string;
}

/** Thrown if SST's platform could not be installed. The message says what to do. */
export class PlatformError extends Error {
  override readonly name = "PlatformError";
}

/** Limit in milliseconds. `sst install` took 47 s on two cores; one that takes longer than this is taken to hang. */
const INSTALL_TIMEOUT_MS = 600_000;

/**
 * Finds `.sst/platform` of the checkout at `root`. If it is missing or belongs to another version than the package
 * `sst`, it first runs `sst install`, which needs only npm's registry. `onProgress` is called before that step.
 */
export async function ensurePlatform(root: string, onProgress: (message: string) => void): Promise<Platform> {
  const version = await packageVersion(root);
  const platform = { directory: join(root, ".sst", "platform"), version };
  if ((await installedVersion(platform.directory)) === version) return platform;

  await mkdir(join(root, ".sst"), { recursive: true });
  await using _lock = await takeLock(join(root, ".sst", "plimsoll-install.lock"));
  const found = await installedVersion(platform.directory);
  if (found === version) return platform;

  onProgress(
    found === null
      ? `Laying down SST ${version}'s components (once for this checkout, about a minute)`
      : `Replacing SST ${found}'s components by ${version}'s (about a minute)`,
  );
  await install(root, version);
  const installed = await installedVersion(platform.directory);
  if (installed !== version) {
    throw new PlatformError(
      `sst install left version ${installed ?? "none"} in .sst/platform, and ${version} is needed. Remove .sst and try again.`,
    );
  }
  return platform;
}

async function packageVersion(root: string): Promise<string> {
  const path = join(root, "node_modules", "sst", "package.json");
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new PlatformError("The package sst is not installed. Run npm ci first.", { cause });
  });
  const { version } = JSON.parse(text) as { version: string };
  return version;
}

async function installedVersion(directory: string): Promise<string | null> {
  // The version file is written first and the packages last, so the packages show whether it is complete.
  const complete = await stat(join(directory, "node_modules", "@pulumi", "aws", "package.json")).catch(() => null);
  if (!complete) return null;
  return (await readFile(join(directory, "version"), "utf8").catch(() => null))?.trim() ?? null;
}

async function install(root: string, version: string): Promise<void> {
  const env = {
    ...process.env,
    SST_SKIP_DEPENDENCY_CHECK: "1",
    SST_TELEMETRY_DISABLED: "1",
    SST_NO_BUN: "1",
    SST_STAGE: "local",
  };
  try {
    await run(join(root, "node_modules", ".bin", "sst"), ["install"], { cwd: root, env, timeout: INSTALL_TIMEOUT_MS });
  } catch (cause) {
    const { stdout = "", stderr = "" } = cause as { stdout?: string; stderr?: string };
    const tail = `${stdout}${stderr}`.trim().split("\n").slice(-15).join("\n");
    throw new PlatformError(
      `sst install failed for SST ${version}. It needs npm's registry; run "npx sst install" to see it work.\n${tail}`,
      { cause },
    );
  }
}
