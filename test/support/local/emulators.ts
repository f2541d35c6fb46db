import type { InstalledEmulators } from "@plimsoll/local";
import { thisMachine } from "../../../packages/local/src/emulators/find-dynamodb.ts";

/** Returns this machine as if only one emulator were installed. */
export function only(emulator: "dynoxide" | "dynamodb-local"): InstalledEmulators {
  return {
    ...thisMachine,
    environment: {},
    dynoxideBinary: () => (emulator === "dynoxide" ? thisMachine.dynoxideBinary() : undefined),
  };
}

/** Tells whether DynamoDB Local can run here. On a machine without Java its tests have nothing to test. */
export async function hasDynamoDbLocal(): Promise<boolean> {
  return thisMachine.dynamoDbLocalJar() !== undefined && ((await thisMachine.javaMajorVersion()) ?? 0) >= 17;
}
