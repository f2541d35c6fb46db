import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";

const PREFIX = "/reference";

/** The files of the page, which come with the package, with their types. */
const FILES: Readonly<Record<string, string>> = {
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
  "swagger-ui.css": "text/css; charset=utf-8",
  "favicon-32x32.png": "image/png",
};

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Plimsoll: reference of the API</title>
<link rel="icon" href="${PREFIX}/favicon-32x32.png">
<link rel="stylesheet" href="${PREFIX}/swagger-ui.css">
</head>
<body>
<div id="reference"></div>
<script src="${PREFIX}/swagger-ui-bundle.js"></script>
<script src="${PREFIX}/start.js"></script>
</body>
</html>
`;

const START = `SwaggerUIBundle({
  url: "/v1/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: true,
  tryItOutEnabled: true,
});
`;

/** The page loads nothing from elsewhere. Its styles are inline in part, and its icons are data. */
const POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

/** Whether a path is one of the reference, which only the local stage has. */
export function isReference(path: string): boolean {
  return path === PREFIX || path.startsWith(`${PREFIX}/`);
}

/** Answers with the page on which the API's document can be browsed and its routes be tried, or one of its files. */
export async function serveReference(path: string, response: ServerResponse): Promise<void> {
  const name = path.slice(PREFIX.length + 1);
  if (name === "") return send(response, 200, "text/html; charset=utf-8", PAGE);
  if (name === "start.js") return send(response, 200, "text/javascript; charset=utf-8", START);
  const type = FILES[name];
  if (type === undefined) return send(response, 404, "text/plain; charset=utf-8", "There is no such file\n");
  send(response, 200, type, await readFile(join(folder(), name)));
}

function folder(): string {
  return join(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"), "..");
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, {
    "content-type": type,
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "cache-control": "no-cache",
  });
  response.end(body);
}
