import type { FunctionNode } from "./graph/stage-graph.ts";

/** The addresses of the emulators. */
export interface Endpoints {
  readonly dynamodb: string;
  readonly sqs: string;
  readonly sns: string;
  /** Null if the stage has no keys. */
  readonly kms: string | null;
}

/**
 * The address of a port on which nothing listens. A client of a service without an emulator fails here instead of
 * reaching AWS.
 */
const NOWHERE = "http://127.0.0.1:9";

/** The keys that the emulators accept. A sandbox gets no others. */
export const LOCAL_CREDENTIALS = { accessKeyId: "local", secretAccessKey: "local" } as const;

/**
 * Builds a function's environment in its sandbox: its own variables with the graph's ARNs and URLs replaced by those of
 * the emulators, Lambda's own variables, and endpoints and keys that keep every AWS client on this machine.
 */
export function sandboxEnvironment(
  node: FunctionNode,
  endpoints: Endpoints,
  region: string,
  toEmulator: (text: string) => string,
): Record<string, string> {
  const own = Object.entries(node.environment).map(([name, value]) => [name, toEmulator(value)] as const);
  return {
    ...Object.fromEntries(own),
    ...lambdaVariables(node, region),
    ...localAwsVariables(endpoints),
  };
}

function lambdaVariables(node: FunctionNode, region: string): Record<string, string> {
  return {
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(node.memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: node.name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_FORMAT: node.logFormat,
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${node.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: "local",
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    LANG: "en_US.UTF-8",
    PATH: "/usr/local/bin:/usr/bin:/bin",
    TZ: "UTC",
    _HANDLER: node.handler,
  };
}

function localAwsVariables(endpoints: Endpoints): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    // These keep the user's own AWS profiles out of the sandbox.
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_ENDPOINT_URL: NOWHERE,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_DYNAMODB_STREAMS: endpoints.dynamodb,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_SNS: endpoints.sns,
    ...(endpoints.kms === null ? {} : { AWS_ENDPOINT_URL_KMS: endpoints.kms }),
  };
}

/**
 * Builds a function that replaces each key of `replacements` by its value wherever it occurs in a text, in one pass and
 * with the longest keys first.
 */
export function textReplacer(replacements: ReadonlyMap<string, string>): (text: string) => string {
  if (replacements.size === 0) return (text) => text;
  const longestFirst = [...replacements.keys()].sort((left, right) => right.length - left.length);
  const pattern = new RegExp(longestFirst.map((key) => key.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "g");
  return (text) => text.replaceAll(pattern, (found) => replacements.get(found) ?? found);
}
