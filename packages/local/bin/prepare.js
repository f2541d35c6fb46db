// Runs after `npm install`: lays down SST's components and bundles the handlers, so that the first start is as quick as
// the next. Plain JavaScript, since npm may run it with an older Node. What fails here is done, or explained, at start.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const script = `
  const { evaluateStacks } = await import(${JSON.stringify(new URL("../src/graph/evaluate.ts", import.meta.url).href)});
  await evaluateStacks({ stage: "local" });
`;
try {
  const node24 = fileURLToPath(new URL("../../../node_modules/node/bin/node", import.meta.url));
  execFileSync(node24, ["--input-type=module", "--eval", script], { stdio: ["ignore", "inherit", "pipe"] });
} catch (error) {
  const reason = String(error.stderr ?? error.message)
    .trim()
    .split("\n")
    .at(-1);
  console.error(`plimsoll: the local stage is not prepared yet (${reason}); npm start does it.`);
}
