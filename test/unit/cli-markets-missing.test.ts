import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { plainTerms, sampleMarket } from "@plimsoll/markets";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { planReplay } from "../../packages/cli/src/start/replay-plan.ts";
import { askAgain } from "../../packages/cli/src/start/run-live.ts";
import type { SessionEvent } from "../../packages/cli/src/start/session-events.ts";
import { fixturePath } from "../support/fixtures.ts";

const folder = mkdtempSync(join(tmpdir(), "plimsoll-markets-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllGlobals());

// Both were seen to end the whole command, as what the market files threw was not what the command caught.
describe("a market that cannot be read", () => {
  it("is left out of a replay by its name and reason, and the others are played", () => {
    const chain = "deribit_chain_20260205T155132Z.csv.gz";
    copyFileSync(fixturePath(`data/options/${chain}`), join(folder, chain));
    writeFileSync(join(folder, "broken.json"), '{"result": [');
    const { markets, leftOut } = planReplay(folder);
    expect(markets).toHaveLength(1);
    expect(leftOut).toEqual([{ file: "broken.json", why: expect.stringContaining("is not JSON") }]);
  });

  it("of a venue that does not answer leaves the demo the last prices, with a note", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new Error("no network")));
    const last = sampleMarket(1, Date.UTC(2026, 2, 2));
    const told: SessionEvent[] = [];
    const batch = await askAgain({ source: "deribit:BTC", terms: plainTerms }, last, (event) => told.push(event));
    expect(batch).toBe(last);
    expect(told).toEqual([{ kind: "note", text: expect.stringContaining("gave no answer") }]);
  });
});
