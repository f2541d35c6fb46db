import { defineConfig } from "vitest/config";

const kinds = ["unit", "property", "vectors", "functions", "infra", "local", "sim"] as const;

/** Kinds that start emulators or evaluate the stacks run their files one after another: two cores are all we count on. */
const heavy = new Set<string>(["functions", "infra", "local", "sim"]);

export default defineConfig({
  test: {
    projects: kinds.map((kind) => ({
      test: {
        name: kind,
        include: [`test/${kind}/**/*.test.ts`],
        testTimeout: heavy.has(kind) ? 120_000 : 30_000,
        hookTimeout: heavy.has(kind) ? 120_000 : 30_000,
        fileParallelism: !heavy.has(kind),
      },
    })),
  },
});
