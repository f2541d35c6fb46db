import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { compileKernel, kernelModule } from "../../packages/risk/assembly/compile.ts";

it("the kernel that ships is what its source compiles to", { timeout: 60_000 }, async () => {
  const shipped = readFileSync(new URL("../../packages/risk/src/kernel/kernel-bytes.ts", import.meta.url), "utf8");
  expect(shipped).toBe(kernelModule(await compileKernel()));
});
