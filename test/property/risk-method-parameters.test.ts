import { type MarginEngine, methodIds, methodKeyOf, type ParameterSet, type Pool } from "@plimsoll/risk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryAccount, arbitraryPosition, supported } from "../support/books.ts";
import { accountWith } from "../support/market.ts";
import { haircutPaths, type KnobLaw } from "../support/method-facts.ts";
import {
  changeNumbers,
  knobsOf,
  lawChain,
  lawEngine,
  lawParameters,
  marginBy,
  type NamedKnob,
  numberPaths,
  shrink,
  sizedParameters,
  slackOf,
} from "../support/method-laws.ts";

const settings = { seed: 20260205, numRuns: 20 } as const;
const factors = [0.7, 0.95];
const plain = lawEngine(lawParameters);
const sized = lawEngine(sizedParameters);

/** The set that a knob is turned in: its own charges for size are the only ones. */
function baseOf({ path }: NamedKnob): { readonly parameters: ParameterSet; readonly engine: MarginEngine } {
  return path.includes(".size[]")
    ? { parameters: sizedParameters, engine: sized }
    : { parameters: lawParameters, engine: plain };
}

/** Engines with the numbers of a knob lowered. */
function loweredEngines(knob: NamedKnob): MarginEngine[] {
  const { path, law, least } = knob;
  return factors.map((factor) =>
    lawEngine(
      changeNumbers(baseOf(knob).parameters, path, (value) =>
        law === "unused" && value === 0 ? 0.01 : Math.max(least, shrink(path, value, factor)),
      ),
    ),
  );
}

/** By how much a knob as it is asks more than lowered ones, of both margins. */
function risesOf(knob: NamedKnob, engines: readonly MarginEngine[], account: Pool): number[] {
  const full = marginBy(baseOf(knob).engine, account);
  return engines.flatMap((engine) => {
    const lowered = marginBy(engine, account);
    return [full.initialMargin - lowered.initialMargin, full.maintenanceMargin - lowered.maintenanceMargin];
  });
}

describe.each(methodIds)("parameters of %s", (methodId) => {
  const knobs = knobsOf(methodId);
  const withLaw = (...laws: KnobLaw[]) => knobs.filter(({ law }) => laws.includes(law));
  const accounts = arbitraryAccount(lawChain, methodId).map(supported);

  it("have each its law", () => {
    const prefix = `methods.${methodKeyOf(methodId)}`;
    const named = knobs.map(({ path }) => path).filter((path) => path.startsWith(`${prefix}.`));
    const held = numberPaths(sizedParameters.methods[methodKeyOf(methodId)], prefix);
    expect(named.sort()).toEqual(held.sort());
  });

  it.each(withLaw("raises", "lowers"))("$path $law both margins", (knob) => {
    const engines = loweredEngines(knob);
    const sign = knob.law === "raises" ? 1 : -1;
    fc.assert(
      fc.property(accounts, (account) => {
        const slack = slackOf(baseOf(knob).engine, account);
        for (const rise of risesOf(knob, engines, account)) expect(sign * rise).toBeGreaterThanOrEqual(-slack);
      }),
      settings,
    );
  });

  it.each(withLaw("range", "rise"))("$path never lowers what one position by itself needs", (knob) => {
    const engines = loweredEngines(knob);
    const isTested = (instrumentId: string, quantity: number) => {
      const isOption = /call|put/.test(instrumentId);
      return !isOption || (methodId !== "var" && (knob.law === "range" || quantity < 0));
    };
    const singles = arbitraryPosition(lawChain)
      .filter(({ instrumentId, quantity }) => isTested(instrumentId, quantity))
      .map((position) => supported(accountWith({ methodId, positions: [position] })));
    fc.assert(
      fc.property(singles, (account) => {
        const slack = slackOf(plain, account);
        for (const rise of risesOf(knob, engines, account)) expect(rise).toBeGreaterThanOrEqual(-slack);
      }),
      settings,
    );
  });

  it.each(withLaw("unused"))("$path changes nothing", (knob) => {
    const engines = loweredEngines(knob);
    fc.assert(
      fc.property(accounts, (account) => {
        expect(new Set(risesOf(knob, engines, account))).toEqual(new Set([0]));
      }),
      settings,
    );
  });

  it.each(haircutPaths)("%s leaves no more over, and asks for no more", (path) => {
    const engines = factors.map((factor) =>
      lawEngine(changeNumbers(lawParameters, path, (haircut) => haircut * factor)),
    );
    fc.assert(
      fc.property(accounts, (account) => {
        const full = marginBy(plain, account);
        for (const engine of engines) {
          const { initialMargin, maintenanceMargin, ...lowered } = marginBy(engine, account);
          const slack = slackOf(plain, account);
          // Less is asked where less is held that can be lost.
          expect(full.initialMargin).toBeLessThanOrEqual(initialMargin + slack);
          expect(full.maintenanceMargin).toBeLessThanOrEqual(maintenanceMargin + slack);
          expect(full.availableFunds).toBeLessThanOrEqual(lowered.availableFunds + slack);
          // One share of a balance moves for both margins, by the harder of their haircuts: maintenance asks less for it then.
          if (path.includes("initial")) continue;
          expect(full.marginHeadroom).toBeLessThanOrEqual(lowered.marginHeadroom + slack);
        }
      }),
      settings,
    );
  });
});
