import {
  changeSeverity,
  computeCure,
  groupDigits,
  noCall,
  percentWords,
  priceWords,
  type StatedMargin,
} from "@plimsoll/calls";
import { defaultParameters, type MarginedPool, type Severity, severities, severityOf } from "@plimsoll/risk";
import { callEvent, stateMargin, toNumber, toWire } from "@plimsoll/schema";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { callContext, ladder, statedMargin } from "../support/calls.ts";

const parameters = { seed: 20260205, numRuns: 500 };

const result: MarginedPool = {
  status: "margined",
  accountId: "a",
  snapshotId: statedMargin.snapshotId,
  parametersVersion: "test",
  methodId: "portfolio",
  methodVersion: "portfolio-2-0123456789ab",
  poolCurrency: "USD",
  equity: 0,
  marginBalance: 0,
  initialMarginBalance: 0,
  initialMargin: 0,
  maintenanceMargin: 0,
  availableFunds: 0,
  marginRatio: null,
  marginHeadroom: 0,
  netOptionValue: 0,
  components: [],
  units: [],
  collateralQuality: "good",
};

const margined = fc
  .record({
    poolCurrency: fc.constantFrom("USD", "BTC"),
    equity: fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    marginBalance: fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    initialMargin: fc.double({ min: 0, max: 1e9, noNaN: true }),
    /** What initial haircuts take beyond those of maintenance. */
    furtherCut: fc.double({ min: 0, max: 1e8, noNaN: true }),
  })
  .map(
    ({ furtherCut, ...figures }): MarginedPool => ({
      ...result,
      ...figures,
      initialMarginBalance: figures.marginBalance - furtherCut,
      maintenanceMargin: 0.8 * figures.initialMargin,
    }),
  );

const severity = fc.constantFrom<Severity>(...severities);

function eventOf(margin: StatedMargin, from: Severity, to: Severity) {
  const state = from === "NORMAL" ? noCall : { severity: from, sequence: 3, call: { callId: "MC-1", openedAtMs: 0 } };
  const changed = changeSeverity(state, to, callContext(to, { margin }));
  return changed?.event;
}

describe("a call event", () => {
  it("says in its text only amounts that its fields have, digit for digit", () => {
    fc.assert(
      fc.property(margined, severity, severity, (figures, from, to) => {
        fc.pre(from !== to);
        const event = eventOf(stateMargin(figures, 1), from, to);
        if (event === undefined) throw new Error("no event");
        const { equity, marginBalance, initialMarginBalance } = event;
        const { initialMargin, maintenanceMargin, amountRequired } = event;
        const distances = [event.availableFunds, event.marginHeadroom].map((amount) => amount.replace("-", ""));
        const balances = [equity, marginBalance, initialMarginBalance];
        const amounts = [...balances, initialMargin, maintenanceMargin, amountRequired, ...distances];
        const known = new Set([
          ...[...amounts, event.worstScenario?.loss ?? "0"].map(groupDigits),
          ...ladder.flatMap((rung) => (rung.price === null ? [] : [priceWords(rung.price)])),
          ...ladder.flatMap((rung) => (rung.distancePct === null ? [] : [percentWords(rung.distancePct).slice(0, -2)])),
        ]);
        const told = event.text
          .replaceAll(/Worst case: [^,]*, vol up|Prices of .*|open for [^.]*|less than \d+ % of the balance/g, "")
          .match(/[−+]?\d[\d,]*(?:\.\d+)?/g);
        for (const number of told ?? []) expect(known, `${number} in ${event.text}`).toContain(number);
      }),
      parameters,
    );
  });

  it("fits its contract whatever the figures", () => {
    fc.assert(
      fc.property(margined, severity, severity, (figures, from, to) => {
        fc.pre(from !== to);
        const event = eventOf(stateMargin(figures, 1), from, to);
        expect(callEvent.safeParse(toWire(event)).error).toBeUndefined();
      }),
      parameters,
    );
  });
});

describe("the deposit asked for", () => {
  it("ends every call at the prices of the message, and less by one unit would not", () => {
    fc.assert(
      fc.property(margined, (figures) => {
        const rungs = defaultParameters.severity.rungs.map((rung) => ({ ...rung, enterRatio: rung.leaveRatio }));
        const atLeaveLevels = { ...defaultParameters.severity, rungs };
        const margin = stateMargin(figures, 1);
        const { amountRequired } = computeCure(margin, "MARGIN_CALL", defaultParameters.severity);
        const withDeposit = (deposit: number): MarginedPool => ({
          ...figures,
          initialMargin: toNumber(margin.initialMargin),
          maintenanceMargin: toNumber(margin.maintenanceMargin),
          equity: toNumber(margin.equity) + deposit,
          marginBalance: toNumber(margin.marginBalance) + deposit,
          initialMarginBalance: toNumber(margin.initialMarginBalance) + deposit,
        });
        const deposit = toNumber(amountRequired);
        const isCalled = (of: MarginedPool) => severityOf(of, atLeaveLevels) !== "NORMAL";
        // Doubles carry 16 digits: near the level itself the last of them may fall either way.
        const unit = (figures.poolCurrency === "USD" ? 0.01 : 1e-8) + 1e-6;
        expect(isCalled(withDeposit(deposit + 1e-6))).toBe(false);
        if (deposit > unit) expect(isCalled(withDeposit(deposit - 2 * unit))).toBe(true);
      }),
      parameters,
    );
  });

  it("is nothing below a margin call", () => {
    fc.assert(
      fc.property(margined, fc.constantFrom<Severity>("NORMAL", "WARNING"), (figures, mild) => {
        const cure = computeCure(stateMargin(figures, 1), mild, defaultParameters.severity);
        expect(cure).toEqual({ amountRequired: "0", restoreTo: "none", restoreRatio: null });
      }),
      parameters,
    );
  });
});
