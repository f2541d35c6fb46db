/** The account and region of the emulators, so that they also occur in the graph's ARNs. */
const LOCAL_ACCOUNT = "000000000000";
const LOCAL_REGION = "us-east-1";

/** A resource as Pulumi registers it, with resolved inputs. */
export interface Registration {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

/** A resource as AWS would have created it. */
export interface CreatedResource extends Registration {
  readonly id: string;
  /** The inputs, with the attributes that AWS would assign. */
  readonly state: Record<string, unknown>;
}

/**
 * The eight random letters with which SST ends physical names. They are removed, so that a stage finds its tables again
 * at the next start.
 */
const RANDOM_ENDING = /-[a-z]{8}(?=(\.fifo)?$)/;

/** Answers the creation of a resource as AWS would, with its id and the attributes that others refer to. */
export function createResource({ type, name, inputs: given }: Registration): CreatedResource {
  const physicalName = (typeof given.name === "string" ? given.name : name).replace(RANDOM_ENDING, "");
  const inputs = "name" in given ? { ...given, name: physicalName } : given;
  const { id, ...attributes } = assigned(type, physicalName, inputs);
  return { type, name, inputs, id, state: { ...inputs, ...attributes } };
}

function assigned(
  type: string,
  name: string,
  inputs: Record<string, unknown>,
): { id: string; [name: string]: unknown } {
  const arn = (service: string, resource: string) => `arn:aws:${service}:${LOCAL_REGION}:${LOCAL_ACCOUNT}:${resource}`;
  switch (type) {
    case "aws:dynamodb/table:Table": {
      const tableArn = arn("dynamodb", `table/${name}`);
      const stream = inputs.streamEnabled ? { streamArn: `${tableArn}/stream/2000-01-01T00:00:00.000` } : {};
      return { id: name, arn: tableArn, ...stream };
    }
    case "aws:sqs/queue:Queue": {
      const url = `https://sqs.${LOCAL_REGION}.amazonaws.com/${LOCAL_ACCOUNT}/${name}`;
      return { id: url, url, arn: arn("sqs", name) };
    }
    case "aws:sns/topic:Topic":
      return { id: arn("sns", name), arn: arn("sns", name) };
    case "aws:lambda/function:Function": {
      const functionArn = arn("lambda", `function:${name}`);
      return { id: name, arn: functionArn, invokeArn: functionArn, qualifiedArn: functionArn, version: "$LATEST" };
    }
    case "aws:iam/role:Role":
      return { id: name, arn: `arn:aws:iam::${LOCAL_ACCOUNT}:role/${name}` };
    case "aws:cloudwatch/logGroup:LogGroup":
      return { id: name, arn: arn("logs", `log-group:${name}`) };
    case "aws:apigatewayv2/api:Api":
      return {
        id: name,
        arn: arn("apigateway", `/apis/${name}`),
        apiEndpoint: `https://${name}.execute-api.${LOCAL_REGION}.amazonaws.com`,
        executionArn: arn("execute-api", name),
      };
    case "aws:kms/key:Key":
      return { id: name, keyId: name, arn: arn("kms", `key/${name}`) };
    case "random:index/randomBytes:RandomBytes":
      return { id: name, base64: "", hex: "" };
    default:
      return { id: name, arn: arn("plimsoll", `${type}/${name}`) };
  }
}

interface PolicyStatementInput {
  effect?: string;
  actions?: string[];
  resources?: string[];
  principals?: { type: string; identifiers: string[] }[];
  conditions?: { test: string; variable: string; values: string[] }[];
}

/** Answers a lookup as AWS's provider would. */
export function lookUp(token: string, inputs: Record<string, unknown>): Record<string, unknown> {
  switch (token) {
    case "aws:index/getRegion:getRegion":
      return { id: LOCAL_REGION, name: LOCAL_REGION, region: LOCAL_REGION };
    case "aws:index/getPartition:getPartition":
      return { id: "aws", partition: "aws", dnsSuffix: "amazonaws.com" };
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return { id: LOCAL_ACCOUNT, accountId: LOCAL_ACCOUNT, arn: `arn:aws:iam::${LOCAL_ACCOUNT}:root` };
    case "aws:iam/getPolicyDocument:getPolicyDocument": {
      const statements = (inputs.statements ?? []) as PolicyStatementInput[];
      return { ...inputs, json: JSON.stringify({ Version: "2012-10-17", Statement: statements.map(toIam) }) };
    }
    default: {
      const message = `The stacks look up ${token}; packages/local/src/graph/mocks.ts must say what it answers.`;
      // Pulumi passes on the `details` of an error, as gRPC calls them, and drops its message.
      throw Object.assign(new Error(message), { details: message });
    }
  }
}

function toIam(statement: PolicyStatementInput): Record<string, unknown> {
  const { effect, actions, resources, principals, conditions } = statement;
  return {
    Effect: effect ?? "Allow",
    Action: actions ?? [],
    Resource: resources ?? [],
    ...(principals && {
      Principal: Object.fromEntries(principals.map(({ type, identifiers }) => [type, identifiers])),
    }),
    ...(conditions && {
      Condition: Object.fromEntries(conditions.map(({ test, variable, values }) => [test, { [variable]: values }])),
    }),
  };
}
