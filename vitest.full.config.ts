import { defineConfig } from "vitest/config";

/** Tests on the whole recordings, which lie beside the checkout and which no clone has: `npm run test:full`. */
export default defineConfig({
  test: { include: ["test/full/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 120_000 },
});
