import { problem, problemKinds, problemType } from "@plimsoll/schema";
import * as z from "zod";
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from "zod-openapi";
import type { Route } from "../contract/route.ts";
import { routes } from "../contract/routes.ts";

const problemList = Object.entries(problemKinds)
  .map(([kind, { status, title, retry }]) => {
    const type = problemType(kind as keyof typeof problemKinds);
    return `| \`${type}\` | ${status} | ${title} | ${retry ? "yes" : "no"} |`;
  })
  .join("\n");

const description = [
  "What the stage knows of accounts, prices and margin calls, and what would be if.",
  "Amounts are decimal strings in the currency named beside them, without an exponent. Times are ISO 8601 in UTC. A " +
    "member that does not apply is absent, or null where its type says so. `binding` figures are those that the stage " +
    "acts by; `informative` ones are computed for the answer.",
  "Errors are problems as RFC 9457 describes them. The gateway itself answers 401, 403, 404 and 429 with " +
    '`{"message": …}`.',
  `| type | status | meaning | may be sent again |\n| --- | --- | --- | --- |\n${problemList}`,
].join("\n\n");

const problemContent = { content: { "application/problem+json": { schema: problem } } };

const tags = {
  Accounts: "What the exchange reports of its accounts.",
  Margin: "The margin of one account, and why it is what it is.",
  "All accounts": "The whole stage, for those who watch it.",
  Calls: "Margin calls, open and cured.",
  "What if": "Answers about changes that nobody has made. Nothing is stored.",
  Market: "Prices, parameters and methods that margins rest on.",
  Stage: "The stage itself.",
} as const;

/** Statuses of problems that any route may answer with, beside those of its own. */
const problemStatuses: Readonly<Record<string, string>> = {
  "400": "The request cannot be read.",
  "401": "The request does not say who is asking, or its token has expired.",
  "403": "This caller may not use this route.",
  "404": "There is nothing here for this caller.",
  "422": "The request breaks the contract; `errors` names each mistake.",
  "429": "Too many requests; `Retry-After` says when to come back.",
  "503": "The stage cannot answer now.",
};

/** Statuses of problems of routes that take a body. */
const bodyStatuses: Readonly<Record<string, string>> = {
  "413": "The body is too large.",
  "415": "The body is not JSON.",
};

const limitHeaders = z.object({
  RateLimit: z.string().optional().meta({ description: "Units left in this minute, and seconds until all are back." }),
  "RateLimit-Policy": z.string().optional().meta({ description: "The limit, in units for each minute." }),
});

function operationOf(route: Route): ZodOpenApiOperationObject {
  const problems = { ...problemStatuses, ...(route.body && bodyStatuses), ...(route.isIdempotent && inProgress) };
  const answerContent = { content: { "application/json": { schema: route.answer } } };
  const answers = Object.entries(problems).map(([status, text]) => {
    const hasAnswer = route.failuresWithAnswer?.includes(Number(status));
    return [status, { description: text, ...(hasAnswer ? answerContent : problemContent) }];
  });
  const header = z.object({
    ...(route.isIdempotent && { "Idempotency-Key": z.string().max(255).optional() }),
    ...(route.hasTag && { "If-None-Match": z.string().optional() }),
  });
  const isOpen = route.allowed.length === 0;
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    description: [route.description, isOpen ? "For anyone." : `For ${route.allowed.join(", ")}.`]
      .filter(Boolean)
      .join("\n\n"),
    ...(isOpen && { security: [] }),
    requestParams: {
      path: route.params as z.ZodObject,
      query: route.query as z.ZodObject,
      header,
    },
    ...(route.body && { requestBody: { required: true, content: { "application/json": { schema: route.body } } } }),
    responses: {
      [String(route.status) as "200"]: {
        description: route.summary,
        headers: limitHeaders,
        ...answerContent,
      },
      ...(route.hasTag && { "304": { description: "The answer is still the one with this ETag." } }),
      ...Object.fromEntries(answers),
    },
  };
}

const inProgress = { "409": "The same request is still being carried out." } as const;

/** Builds the OpenAPI document from the schemas that parse requests and check answers. */
export function buildDocument(servers: readonly { readonly url: string; readonly description: string }[]) {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) {
    const path = paths[route.path] ?? {};
    paths[route.path] = { ...path, [route.method.toLowerCase()]: operationOf(route) };
  }
  return createDocument(
    {
      openapi: "3.1.0",
      info: {
        title: "Plimsoll",
        version: "1",
        summary: "Dynamic margining for derivatives exchanges",
        description,
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      servers: [...servers],
      tags: Object.entries(tags).map(([name, text]) => ({ name, description: text })),
      security: [{ bearer: [] }, { sigv4: [] }],
      paths,
      components: {
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer", description: "The token of an operator or of a trader." },
          sigv4: {
            type: "apiKey",
            in: "header",
            name: "Authorization",
            description: "AWS Signature Version 4 of the exchange's own program, for the service `execute-api`.",
          },
        },
      },
    },
    {
      override: ({ jsonSchema }) => mendNullable(jsonSchema as Record<string, unknown>),
    },
  );
}

/** Writes a plain type that may be null as a list of types, since unions with null confuse generated clients. */
function mendNullable(schema: Record<string, unknown>): void {
  const { anyOf } = schema;
  if (!Array.isArray(anyOf) || anyOf.length !== 2) return;
  const [given, none] = anyOf as Record<string, unknown>[];
  if (given === undefined || none?.type !== "null" || typeof given.type !== "string") return;
  delete schema.anyOf;
  Object.assign(schema, given, { type: [given.type, "null"] });
  if (Array.isArray(given.enum)) schema.enum = [...given.enum, null];
}
