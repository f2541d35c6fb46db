import { describe, expect, it } from "vitest";
import { runPlimsoll } from "../support/cli.ts";

const folder = new URL("../fixtures/cases/owed-coin-crash/", import.meta.url).pathname;
const named = /SOL: parameters after (Deribit|Bybit|Derive) have no row for SOL/;

/** Runs a command on an account that owes 700 SOL, in a market of BTC and SOL. */
async function textOf(command: string, ...more: string[]): Promise<string> {
  const run = await runPlimsoll(folder, [command, `${folder}p.json`, "--market", `${folder}market.json`, ...more]);
  return (run.out + run.err).replaceAll(/\s+/g, " ");
}

describe("a coin owed that a method has no row for", () => {
  const methods = ["portfolio_deribit", "portfolio_bybit", "derive_srm", "derive_pmrm_1", "derive_pmrm_2"];
  it.each(methods)("is named by every command under %s", async (method) => {
    for (const command of ["margin", "explain"]) {
      const text = await textOf(command, "--method", method);
      expect(text, command).toMatch(named);
      expect(text, command).toContain(`margin the account by another method than ${method}`);
    }
  });

  it("stands in the comparison by name, beside what the other methods ask", async () => {
    const text = await textOf("compare");
    for (const method of methods) expect(text).toMatch(new RegExp(`Not margined by ${method}: ${named.source}`));
    expect(text).toContain("borrowing charge SOL 31,500.00");
  });
});
