import { defineConfig } from "vitest/config";

const kinds = ["unit", "property", "vectors", "functions", "infra", "local", "sim"] as const;

/** Kinds that start emulators or evaluate the stacks. Each file starts its own, so files run side by side like those of the rest. */
const heavy = new Set<string>(["functions", "infra", "local", "sim"]);

export default defineConfig({
  test: {
    // By default one core is left idle, which of two is a half.
    maxWorkers: "100%",
    projects: kinds.map((kind) => ({
      extends: true,
      test: {
        name: kind,
        // Pure code keeps no state between files, so a worker loads it once.
        isolate: heavy.has(kind),
        include: [`test/${kind}/**/*.test.ts`],
        testTimeout: heavy.has(kind) ? 120_000 : 30_000,
        hookTimeout: heavy.has(kind) ? 120_000 : 30_000,
        ...(kind === "infra" && { globalSetup: "test/support/evaluate-stages.ts" }),
      },
    })),
  },
});
