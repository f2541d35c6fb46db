import {
  attributeChange,
  contributionsOf,
  createMarginEngine,
  defaultParameters,
  findCures,
  keptSeverityOf,
  type MarginedPool,
  moveUnderlying,
  type Pool,
  type Severity,
  severityRank,
} from "@plimsoll/risk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addBalance, closeShare } from "../../packages/risk/src/explain/close-position.ts";
import { arbitraryAccount, chain, propertySettings } from "../support/books.ts";

const engine = createMarginEngine(chain, defaultParameters);

function margined(account: Pool): MarginedPool {
  const result = engine.margin(account);
  if (result.status !== "margined") throw new Error(`${result.field}: ${result.value}`);
  return result;
}

function isAt(account: Pool, severity: Severity): boolean {
  return severityRank(keptSeverityOf(margined(account), defaultParameters.severity)) <= severityRank(severity);
}

/** Accounts with so little in their pool's currency that most are called. */
const arbitraryCalled = fc
  .record({ account: arbitraryAccount(chain), share: fc.double({ min: -0.5, max: 1.2, noNaN: true }) })
  .map(({ account, share }) => {
    const { initialMargin, marginBalance } = margined(account);
    const collateral = addBalance(account.collateral, account.poolCurrency, share * initialMargin - marginBalance);
    return { ...account, collateral };
  });

describe("a cure", () => {
  it("restores the level it names, and half of it does not", () => {
    let found = 0;
    fc.assert(
      fc.property(
        arbitraryCalled,
        fc.constantFrom<Severity>("NORMAL", "WARNING", "MARGIN_CALL"),
        (account, severity) => {
          const cures = findCures(engine, chain, defaultParameters, account, severity);
          if (isAt(account, severity)) expect(cures).toEqual([]);
          for (const cure of cures) {
            found += 1;
            expect(isAt(cure.pool, severity)).toBe(true);
            if (cure.kind === "deposit") {
              const half = addBalance(account.collateral, cure.asset, cure.amount / 2);
              expect(isAt({ ...account, collateral: half }, severity)).toBe(false);
            } else {
              const quoted = chain.instruments.find(({ instrument }) => instrument.instrumentId === cure.instrumentId)!;
              expect(isAt(closeShare(account, quoted, cure.share / 2), severity)).toBe(false);
            }
          }
        },
      ),
      { ...propertySettings, numRuns: 60 },
    );
    expect(found).toBeGreaterThan(60);
  });

  it("closes at the mark without changing equity", () => {
    fc.assert(
      fc.property(arbitraryAccount(chain), fc.double({ min: 0, max: 1, noNaN: true }), (account, share) => {
        const { equity, initialMargin } = margined(account);
        for (const id of new Set(account.positions.map(({ instrumentId }) => instrumentId))) {
          const quoted = chain.instruments.find(({ instrument }) => instrument.instrumentId === id)!;
          const gross = account.positions.reduce(
            (sum, { quantity, entryPrice }) => sum + Math.abs(quantity * entryPrice),
            0,
          );
          const after = engine.margin(closeShare(account, quoted, share));
          // Closing may leave a balance of a coin that the pool does not take as collateral.
          if (after.status !== "margined") continue;
          expect(Math.abs(after.equity - equity)).toBeLessThanOrEqual(
            1e-9 * (Math.abs(equity) + initialMargin + gross),
          );
        }
      }),
      { ...propertySettings, numRuns: 60 },
    );
  });
});

describe("contributions of holdings", () => {
  it("add up to the losses in the worst scenarios when those are on the main grid", () => {
    fc.assert(
      fc.property(arbitraryAccount(chain), (account) => {
        const result = margined(account);
        const { holdings, scenarioLoss, unexplainedLoss } = contributionsOf(engine, chain, account, result);
        const onGrid = result.units.every(({ worstScenario }) => !worstScenario?.scenarioId.startsWith("extended"));
        if (scenarioLoss === null || unexplainedLoss === null || !onGrid) return;
        const gross = holdings.reduce((sum, holding) => sum + Math.abs(holding.scenarioLoss ?? 0), 0);
        expect(Math.abs(unexplainedLoss)).toBeLessThanOrEqual(1e-9 * (gross + Math.abs(scenarioLoss)));
      }),
      { ...propertySettings, numRuns: 60 },
    );
  });
});

describe("the attribution of a change", () => {
  const names = ["equity", "marginBalance", "initialMarginBalance", "initialMargin", "maintenanceMargin"] as const;
  const close = (sum: number, total: number, scale: number) =>
    expect(Math.abs(sum - total)).toBeLessThanOrEqual(1e-9 * scale);

  it("adds up to the total in every figure", () => {
    fc.assert(
      fc.property(
        arbitraryAccount(chain),
        arbitraryAccount(chain),
        fc.double({ min: 0.8, max: 1.2, noNaN: true }),
        fc.integer({ min: 0, max: 36 }),
        (account, other, multiplier, hours) => {
          const moved = moveUnderlying(chain, "BTC", multiplier);
          const later = { ...moved, snapshotId: "later", asOfMs: moved.asOfMs + hours * 3_600_000 };
          const parameters = { ...defaultParameters, maintenanceToInitialRatio: 0.7 };
          const after = { snapshot: later, parameters, pool: { ...other, poolCurrency: account.poolCurrency } };
          const change = attributeChange({ snapshot: chain, parameters: defaultParameters, pool: account }, after);
          if (change === null) return;
          for (const name of names) {
            const scale = change.rows.reduce((total, row) => total + Math.abs(row[name]), Math.abs(change.total[name]));
            const sum = change.rows.reduce((total, row) => total + row[name], 0);
            close(sum, change.total[name], scale + margined(account).initialMargin);
          }
        },
      ),
      { ...propertySettings, numRuns: 60 },
    );
  });

  it("gives one cause the whole change when nothing else changed", () => {
    fc.assert(
      fc.property(arbitraryAccount(chain), fc.double({ min: 0.8, max: 1.2, noNaN: true }), (account, multiplier) => {
        const before = { snapshot: chain, parameters: defaultParameters, pool: account };
        const change = attributeChange(before, { ...before, snapshot: moveUnderlying(chain, "ETH", multiplier) });
        for (const { step, foldedBecause, ...figures } of change?.rows ?? []) {
          expect(foldedBecause).toBeNull();
          if (step !== "prices") for (const name of names) expect(figures[name]).toBe(0);
        }
      }),
      { ...propertySettings, numRuns: 40 },
    );
  });
});
