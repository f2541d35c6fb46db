import { writeSync } from "node:fs";
import { registerHooks } from "node:module";

/**
 * This module is preloaded by `--import` into a process of Node 24. At its end it writes the URL of each loaded module
 * to descriptor 3.
 */
const loaded = new Set<string>();
registerHooks({
  load(url, context, nextLoad) {
    loaded.add(url);
    return nextLoad(url, context);
  },
});
process.on("exit", () => writeSync(3, [...loaded].join("\n")));
