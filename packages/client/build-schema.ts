import { writeFileSync } from "node:fs";
import { buildDocument } from "@plimsoll/api/document";
import openapiTypescript, { astToString } from "openapi-typescript";

/** The file that `npm run client` writes. */
export const schemaFile = new URL("src/schema.d.ts", import.meta.url);

const head = `/*
 * Written by \`npm run client\` from the schemas of packages/schema and the routes of packages/api. Do not edit it.
 */

`;

/** Returns the types of the API's requests and answers, as TypeScript, from the document that a stage serves. */
export async function buildSchema(): Promise<string> {
  const document = buildDocument([{ url: "https://stage.example", description: "A stage" }]);
  // A member with a default may be left out of a request.
  const types = await openapiTypescript(document as Parameters<typeof openapiTypescript>[0], {
    defaultNonNullable: false,
  });
  return `${head}${astToString(types)}`;
}

if (import.meta.main) writeFileSync(schemaFile, await buildSchema());
