import {
  IdempotencyAlreadyInProgressError,
  IdempotencyConfig,
  IdempotencyInconsistentStateError,
  IdempotencyValidationError,
  makeIdempotent,
} from "@aws-lambda-powertools/idempotency";
import { DynamoDBPersistenceLayer } from "@aws-lambda-powertools/idempotency/dynamodb";
import { ApiProblem, idempotencySeconds, type Once } from "@plimsoll/api";
import type { Context } from "aws-lambda";
import { dynamodbClient } from "./clients.ts";
import { getLink } from "./links.ts";

/** What is stored of a request that has been carried out. */
interface Carried {
  readonly answer: unknown;
  readonly isRepeat: boolean;
}

/**
 * Carries out requests once, by records in the Requests table. A failed request leaves no record, so that it can be
 * repeated.
 */
export function onceBy(context: Context): Once {
  const persistenceStore = new DynamoDBPersistenceLayer({
    tableName: getLink("RequestsTable").name,
    keyAttr: "id",
    expiryAttr: "ttl",
    awsSdkV3Client: dynamodbClient(),
  });
  const config = new IdempotencyConfig({
    eventKeyJmesPath: "key",
    payloadValidationJmesPath: "content",
    throwOnNoIdempotencyKey: true,
    expiresAfterSeconds: idempotencySeconds,
    hashFunction: "sha256",
    lambdaContext: context,
    responseHook: (stored) => ({ ...(stored as object), isRepeat: true }),
  });
  return async (request, work) => {
    const carryOut = async (_: unknown): Promise<Carried> => ({ answer: await work(), isRepeat: false });
    const once = makeIdempotent(carryOut, { persistenceStore, config, dataIndexArgument: 0, keyPrefix: "request" });
    try {
      return await once({ ...request });
    } catch (error) {
      throw problemOf(error);
    }
  };
}

function problemOf(error: unknown): unknown {
  if (error instanceof IdempotencyValidationError) {
    return new ApiProblem("key_reused", "Another request was sent under this Idempotency-Key: use a new key.");
  }
  if (error instanceof IdempotencyAlreadyInProgressError || error instanceof IdempotencyInconsistentStateError) {
    return new ApiProblem("in_progress", "The first request with this Idempotency-Key is still being carried out.", {
      retryAfterSeconds: 1,
    });
  }
  return error;
}
