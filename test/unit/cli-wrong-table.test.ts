import { describe, expect, it } from "vitest";
import { runPlimsoll } from "../support/cli.ts";

describe("a table of a stage that is not the one asked for", () => {
  it.each([
    ["calls list", "Margin", "--table", "plimsoll-production-LedgerTable-abcdefgh", "Ledger"],
    ["accounts behind", "Ledger", "--table", "plimsoll-production-MarginTable-abcdefgh", "Margin"],
    ["gaps", "Margin", "--table", "plimsoll-production-MarketTable", "Market"],
    ["parameters list", "Market", "--table", "plimsoll-production-NotifyTable", "Notify"],
  ])("is refused by %s, which would find nothing there", async (command, wanted, option, name, named) => {
    const { code, out, err } = await runPlimsoll(".", [...command.split(" "), option, name]);
    expect(code).not.toBe(0);
    expect(out).toBe("");
    expect(err).toContain(`${option} is ${name}, a stage's ${named} table: give the name of its ${wanted} table`);
  });

  it("is taken where its name says nothing", async () => {
    const { err } = await runPlimsoll(".", ["gaps", "--table", "gaps-of-production"]);
    expect(err).not.toContain("give the name of its");
  }, 60_000);
});
