import { type CallState, type ChangedCall, changeSeverity, durationWords, groupDigits, noCall } from "@plimsoll/calls";
import type { Severity } from "@plimsoll/risk";
import { callEvent, toWire } from "@plimsoll/schema";
import { describe, expect, it } from "vitest";
import { callContext, calledAtMs, statedMargin } from "../support/calls.ts";

function change(previous: CallState, severity: Severity, over: Parameters<typeof callContext>[1] = {}): ChangedCall {
  const changed = changeSeverity(previous, severity, callContext(severity, over));
  if (changed === null) throw new Error(`${previous.severity} to ${severity} is no change`);
  return changed;
}

describe("the life of a call", () => {
  it("has no event where nothing changes", () => {
    expect(changeSeverity(noCall, "NORMAL", callContext("NORMAL"))).toBeNull();
  });

  it("opens, escalates, eases and is cured under one id, with a sequence per event", () => {
    const opened = change(noCall, "MARGIN_CALL");
    const escalated = change(opened.state, "LIQUIDATION");
    const eased = change(escalated.state, "WARNING");
    const cured = change(eased.state, "NORMAL", { occurredAtMs: calledAtMs + 8_000_000 });
    const reopened = change(cured.state, "WARNING");
    const told = [opened, escalated, eased, cured, reopened].map(({ event }) => event);
    expect(told.map(({ eventId, eventType, callId }) => [eventId, eventType, callId])).toEqual([
      ["8841/1", "margin.call.opened", "MC-8841-1"],
      ["8841/2", "margin.call.escalated", "MC-8841-1"],
      ["8841/3", "margin.call.eased", "MC-8841-1"],
      ["8841/4", "margin.call.cured", "MC-8841-1"],
      ["8841/5", "margin.call.opened", "MC-8841-5"],
    ]);
    expect(cured.state).toEqual({ severity: "NORMAL", sequence: 4, call: null });
    expect(cured.event.text).toContain("The call was open for 2 h 13 min.");
  });

  it("gives events that their contract takes", () => {
    const { event } = change(noCall, "REDUCE_ONLY");
    expect(callEvent.parse(toWire(event))).toMatchObject({ severity: "REDUCE_ONLY", respond_by: null });
  });

  it("claims a deadline only where the operator grants one", () => {
    expect(change(noCall, "MARGIN_CALL").event.text).not.toMatch(/ by \d{4}-/);
    const granted = change(noCall, "MARGIN_CALL", { graceMs: 3_600_000 });
    expect(granted.event.respondBy).toBe("2026-02-05T16:51:32.000Z");
    expect(granted.event.text).toContain("by 2026-02-05 16:51:32 UTC");
  });
});

describe("what a trader reads", () => {
  it("of a margin call", () => {
    const { event } = change(noCall, "MARGIN_CALL");
    expect(`${event.title}\n${event.text}`).toMatchInlineSnapshot(`
      "Margin call — account 8841 (USDC pool)
      The margin balance of 18,300.50 USDC is 1,129.75 below the initial margin of 19,430.25 USDC. Equity 18,420.00 USDC, maintenance margin 15,544.20 USDC. Deposit 5,987.32 USDC or reduce positions to end the call at these prices: the initial margin is then less than 80 % of the balance. Worst case: BTC −16 %, vol up, a loss of 18,000.25 USDC. If BTC reaches 61,300 (−4.1 %), only orders that reduce risk are taken. If BTC reaches 60,012.75 (−6.11 %), positions may be closed by the venue. In a fast market positions may already have been reduced when this arrives. Prices of 2026-02-05 15:51:29 UTC, 3 s old when this was computed at 15:51:32. Ref MC-8841-1."
    `);
  });

  it("of an early warning, in a preview, on widened prices", () => {
    const margin = {
      ...statedMargin,
      marginBalance: "20000.00",
      initialMarginBalance: "20000.00",
      availableFunds: "569.75",
    };
    const over = { environment: "preview:pr-7", priceQuality: "widened", margin } as const;
    const { event } = change(noCall, "WARNING", over);
    expect(`${event.title}\n${event.text}`).toMatchInlineSnapshot(`
      "[preview:pr-7] Early warning — account 8841 (USDC pool)
      The margin balance of 20,000.00 USDC is 569.75 above the initial margin of 19,430.25 USDC. Equity 18,420.00 USDC, maintenance margin 15,544.20 USDC. Worst case: BTC −16 %, vol up, a loss of 18,000.25 USDC. If BTC reaches 61,300 (−4.1 %), only orders that reduce risk are taken. If BTC reaches 60,012.75 (−6.11 %), positions may be closed by the venue. Prices of 2026-02-05 15:51:29 UTC, 3 s old when this was computed at 15:51:32, quality widened. Ref MC-8841-1."
    `);
  });

  it("of a liquidation that was a margin call", () => {
    const opened = change(noCall, "MARGIN_CALL");
    const margin = {
      ...statedMargin,
      marginBalance: "15000.00",
      initialMarginBalance: "15000.00",
      equity: "15100.00",
      marginHeadroom: "-544.20",
    };
    const { event } = change(opened.state, "LIQUIDATION", { margin });
    expect(`${event.title}\n${event.text}`).toMatchInlineSnapshot(`
      "Liquidation (was margin call) — account 8841 (USDC pool)
      The margin balance of 15,000.00 USDC is 544.20 below the maintenance margin of 15,544.20 USDC. Equity 15,100.00 USDC, initial margin 19,430.25 USDC. Deposit 9,287.82 USDC or reduce positions to end the call at these prices: the initial margin is then less than 80 % of the balance. Worst case: BTC −16 %, vol up, a loss of 18,000.25 USDC. If ETH reaches 3,100.50 (+55 %), the equity is gone. In a fast market positions may already have been reduced when this arrives. Prices of 2026-02-05 15:51:29 UTC, 3 s old when this was computed at 15:51:32. Ref MC-8841-1."
    `);
  });

  it("of exhausted equity", () => {
    const margin = {
      ...statedMargin,
      marginBalance: "-120.50",
      initialMarginBalance: "-120.50",
      equity: "-100.00",
      marginRatio: null,
    };
    const { event } = change(noCall, "BANKRUPT", { margin });
    expect(`${event.title}\n${event.text}`).toMatchInlineSnapshot(`
      "Equity exhausted — account 8841 (USDC pool)
      The equity is used up: −100.00 USDC. Margin balance −120.50 USDC, maintenance margin 15,544.20 USDC. Deposit 24,408.32 USDC or reduce positions to end the call at these prices: the initial margin is then less than 80 % of the balance. Worst case: BTC −16 %, vol up, a loss of 18,000.25 USDC. In a fast market positions may already have been reduced when this arrives. Prices of 2026-02-05 15:51:29 UTC, 3 s old when this was computed at 15:51:32. Ref MC-8841-1."
    `);
  });

  it("of a call that eased", () => {
    const opened = change(noCall, "LIQUIDATION");
    const { event } = change(opened.state, "MARGIN_CALL");
    expect(`${event.title}\n${event.text}`).toMatchInlineSnapshot(`
      "Eased to margin call — account 8841 (USDC pool)
      The margin balance of 18,300.50 USDC is 1,129.75 below the initial margin of 19,430.25 USDC. Equity 18,420.00 USDC, maintenance margin 15,544.20 USDC. Deposit 5,987.32 USDC or reduce positions to end the call at these prices: the initial margin is then less than 80 % of the balance. Worst case: BTC −16 %, vol up, a loss of 18,000.25 USDC. If BTC reaches 61,300 (−4.1 %), only orders that reduce risk are taken. If BTC reaches 60,012.75 (−6.11 %), positions may be closed by the venue. In a fast market positions may already have been reduced when this arrives. Prices of 2026-02-05 15:51:29 UTC, 3 s old when this was computed at 15:51:32. Ref MC-8841-1."
    `);
  });

  // Seen to fail: "Prices of 2026-02-05 23:37:08 UTC, 2 min 6 s old", the time of the snapshot.
  it("of when the prices were observed, not the snapshot, and of their age when the call was decided", () => {
    const asOfMs = Date.UTC(2026, 1, 5, 23, 37, 8);
    const said = (occurredAtMs: number) =>
      /Prices of [^.]*\./.exec(
        change(noCall, "WARNING", { asOfMs, priceAgeMs: 126_000, occurredAtMs, priceQuality: "widened" }).event.text,
      )?.[0];
    const computed = "when this was computed at";
    expect(said(asOfMs)).toBe(
      `Prices of 2026-02-05 23:35:02 UTC, 2 min 6 s old ${computed} 23:37:08, quality widened.`,
    );
    expect(said(asOfMs + 50_000)).toBe(
      `Prices of 2026-02-05 23:35:02 UTC, 2 min 56 s old ${computed} 23:37:58, quality widened.`,
    );
  });

  it("of a cure", () => {
    const opened = change(noCall, "MARGIN_CALL");
    const margin = {
      ...statedMargin,
      marginBalance: "25000.00",
      initialMarginBalance: "25000.00",
      availableFunds: "5569.75",
    };
    const { event } = change(opened.state, "NORMAL", { occurredAtMs: calledAtMs + 125_000, margin });
    expect(`${event.title}\n${event.text}`).toMatchInlineSnapshot(`
      "Margin call cured — account 8841 (USDC pool)
      The margin balance of 25,000.00 USDC is 5,569.75 above the initial margin of 19,430.25 USDC. The call was open for 2 min 5 s. Nothing more is asked. Prices of 2026-02-05 15:51:29 UTC, 2 min 8 s old when this was computed at 15:53:37. Ref MC-8841-1."
    `);
  });
});

describe("words", () => {
  it("group digits and keep them all", () => {
    expect(groupDigits("-1234567.50")).toBe("−1,234,567.50");
    expect(groupDigits("0.12345678")).toBe("0.12345678");
    expect(groupDigits("999")).toBe("999");
  });

  it("say durations in their two largest units", () => {
    const seconds = [0, 59.9, 60, 3_599, 3_600, 86_400 + 60, 90_061];
    expect(seconds.map((duration) => durationWords(duration * 1_000))).toEqual([
      "0 s",
      "59 s",
      "1 min",
      "59 min 59 s",
      "1 h",
      "1 d",
      "1 d 1 h",
    ]);
  });
});
