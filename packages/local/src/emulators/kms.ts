import { createPublicKey, type KeyObject, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import type { KeyNode } from "../graph/stage-graph.ts";
import type { PrivateKeys } from "../keys.ts";

/** A stand-in for KMS, which signs with RSA keys and gives their public halves. It knows nothing else. */
export interface KmsEmulator {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Most bytes that KMS signs as they are. */
const MESSAGE_LIMIT_BYTES = 4_096;
const ALGORITHM = "RSASSA_PKCS1_V1_5_SHA_256";

interface KeyRequest {
  readonly KeyId: string;
  readonly Message?: string;
  readonly MessageType?: string;
  readonly SigningAlgorithm?: string;
}

/** Serves the keys of a graph on a free port of localhost. `keys` has a private key for each of them, by its id. */
export async function startKms(nodes: readonly KeyNode[], keys: PrivateKeys): Promise<KmsEmulator> {
  for (const { logicalName, keyUsage, keySpec } of nodes) {
    if (keyUsage === "SIGN_VERIFY" && keySpec === "RSA_2048") continue;
    throw new Error(`Key ${logicalName} is ${keySpec} for ${keyUsage}; the local stage knows RSA_2048 for SIGN_VERIFY`);
  }
  const server = createServer(async (request, response) => {
    const operation = String(request.headers["x-amz-target"]).replace("TrentService.", "");
    const [status, body] = answer(operation, (await json(request)) as KeyRequest, nodes, keys);
    response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
    response.end(JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function answer(
  operation: string,
  request: KeyRequest,
  nodes: readonly KeyNode[],
  keys: PrivateKeys,
): [number, Record<string, unknown>] {
  const refuse = (__type: string, message: string): [number, Record<string, unknown>] => [400, { __type, message }];
  const node = nodes.find(({ keyId, arn }) => request.KeyId === keyId || request.KeyId === arn);
  const key = node && keys.get(node.keyId);
  if (!node || !key) return refuse("NotFoundException", `Key ${request.KeyId} does not exist`);
  if (operation === "GetPublicKey") return [200, { KeyId: node.arn, ...publicHalf(key, node) }];
  if (operation !== "Sign") return refuse("UnknownOperationException", `The local stage has no ${operation} of KMS`);
  const message = Buffer.from(request.Message ?? "", "base64");
  if (request.MessageType !== "RAW" || request.SigningAlgorithm !== ALGORITHM || message.length > MESSAGE_LIMIT_BYTES) {
    return refuse(
      "ValidationException",
      `Only RAW messages of ${MESSAGE_LIMIT_BYTES} bytes are signed, by ${ALGORITHM}`,
    );
  }
  const signature = sign("sha256", message, key).toString("base64");
  return [200, { KeyId: node.arn, Signature: signature, SigningAlgorithm: ALGORITHM }];
}

function publicHalf(key: KeyObject, { keySpec, keyUsage }: KeyNode): Record<string, unknown> {
  const publicKey = createPublicKey(key).export({ type: "spki", format: "der" }).toString("base64");
  return { PublicKey: publicKey, KeySpec: keySpec, KeyUsage: keyUsage, SigningAlgorithms: [ALGORITHM] };
}
