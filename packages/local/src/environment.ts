import type { FunctionNode } from "./graph/stage-graph.ts";

/** Where the emulators answer. */
export interface Endpoints {
  readonly dynamodb: string;
  readonly sqs: string;
  readonly sns: string;
}

/** A port that nothing listens on: a client of a service that has no emulator fails here instead of reaching AWS. */
const NOWHERE = "http://127.0.0.1:9";

/** The keys that the emulators accept; no others get into a sandbox. */
export const LOCAL_CREDENTIALS = { accessKeyId: "local", secretAccessKey: "local" } as const;

/**
 * A function's environment in its sandbox: its own variables with the graph's ARNs and URLs replaced by the emulators',
 * Lambda's own variables, and endpoints and keys that keep every AWS client on this machine.
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
    // The user's own profiles stay out of it.
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_ENDPOINT_URL: NOWHERE,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_DYNAMODB_STREAMS: endpoints.dynamodb,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_SNS: endpoints.sns,
  };
}

/** Replaces each key of `replacements` by its value wherever it stands in a text, the longest first, in one pass. */
export function textReplacer(replacements: ReadonlyMap<string, string>): (text: string) => string {
  if (replacements.size === 0) return (text) => text;
  const longestFirst = [...replacements.keys()].sort((left, right) => right.length - left.length);
  const pattern = new RegExp(longestFirst.map((key) => key.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "g");
  return (text) => text.replaceAll(pattern, (found) => replacements.get(found) ?? found);
}
