import { daysToExpiry } from "../arrays/index.ts";
import { findQuoteFault } from "../collateral/index.ts";
import { createMarginEngine } from "../engine/index.ts";
import {
  gainsByReciprocal,
  isDeltaOne,
  isQuotedOption,
  type MarketSnapshot,
  type OptionInstrument,
  type ParameterSet,
  type Pool,
  type Position,
  type Quoted,
  type QuotedInstrument,
  traitsOf,
} from "../model/index.ts";

/** The requirement of one unit of a typical position on one day. */
export interface ReferenceRequirement {
  /** For example `BTC long`. */
  readonly name: string;
  /** Initial margin divided by the index price. It is null if the position could not be margined that day. */
  readonly requirement: number | null;
}

/** Tenor in days of the options in the reference portfolios. */
const tenorDays = 30;

/**
 * Measures the initial margin, as a fraction of the index price, of three positions per underlying: one unit held long,
 * one held short, and one at-the-money straddle of about 30 days sold. Instruments are chosen anew from each snapshot,
 * so that changes come from the margin and not from the tenor. It uses the parameter set's default method in a US
 * dollar pool. Instruments whose quote currency no method supports are left out, as are underlyings without suitable
 * instruments.
 */
export function measureReferencePortfolios(
  snapshot: MarketSnapshot,
  parameters: ParameterSet,
): readonly ReferenceRequirement[] {
  const engine = createMarginEngine(snapshot, parameters);
  const collateral = new Map(parameters.collateral.map((entry) => [entry.asset, entry]));
  const instruments = snapshot.instruments.filter(({ instrument }) => findQuoteFault(instrument, collateral) === null);
  return snapshot.underlyings.flatMap(({ underlying, indexPrice }) => {
    const own = instruments.filter(({ instrument }) => instrument.underlying === underlying);
    const linear = pickLinear(own);
    const straddle = pickStraddle(own, snapshot.asOfMs);
    const held: [string, readonly Position[]][] = [];
    if (linear !== null) held.push(["long", [unitOf(linear, 1)]], ["short", [unitOf(linear, -1)]]);
    if (straddle !== null) held.push(["short straddle", straddle.map((option) => unitOf(option, -1))]);
    return held.map(([shape, positions]) => {
      const pool: Pool = {
        accountId: "reference",
        poolCurrency: "USD",
        methodId: parameters.defaultMethodId,
        ledgerSequence: 0,
        collateral: [],
        positions,
      };
      const result = engine.margin(pool);
      const requirement = result.status === "margined" ? result.initialMargin / indexPrice : null;
      return { name: `${underlying} ${shape}`, requirement };
    });
  });
}

/**
 * Picks a linear or inverse instrument: a perpetual before a future, and a cash-settled one before a coin-settled one.
 * Ties go to the first.
 */
function pickLinear(own: readonly QuotedInstrument[]): QuotedInstrument | null {
  const rank = ({ instrument }: QuotedInstrument) =>
    (traitsOf(instrument).isDated ? 2 : 0) + (instrument.settlement === "linear" ? 0 : 1);
  const candidates = own.filter(({ instrument }) => isDeltaOne(instrument));
  return candidates.reduce<QuotedInstrument | null>(
    (best, quoted) => (best === null || rank(quoted) < rank(best) ? quoted : best),
    null,
  );
}

/**
 * Picks the call and the put for a straddle: the expiry nearest to the tenor that lists both, and the strike nearest to
 * the forward.
 */
function pickStraddle(own: readonly QuotedInstrument[], asOfMs: number): readonly Quoted<OptionInstrument>[] | null {
  const options = own.filter(isQuotedOption).filter(({ markVolatility }) => markVolatility !== null);
  const calls = options.filter(({ instrument }) => instrument.optionType === "call");
  let best: {
    readonly pair: readonly Quoted<OptionInstrument>[];
    readonly tenor: number;
    readonly money: number;
  } | null = null;
  for (const call of calls) {
    const { strike, expiryMs, settlement } = call.instrument;
    const put = options.find(
      ({ instrument }) =>
        instrument.optionType === "put" &&
        instrument.strike === strike &&
        instrument.expiryMs === expiryMs &&
        instrument.settlement === settlement,
    );
    if (put === undefined) continue;
    const tenor = Math.abs(daysToExpiry(call.instrument, asOfMs) - tenorDays);
    const money = Math.abs(strike / call.forwardPrice - 1);
    if (best === null || tenor < best.tenor || (tenor === best.tenor && money < best.money)) {
      best = { pair: [call, put], tenor, money };
    }
  }
  return best === null ? null : best.pair;
}

/** Builds a position of one unit of the underlying, entered at its mark. */
function unitOf({ instrument, markPrice }: QuotedInstrument, sign: 1 | -1): Position {
  const contracts = gainsByReciprocal(instrument) ? markPrice / instrument.contractSize : 1 / instrument.contractSize;
  return { instrumentId: instrument.instrumentId, quantity: sign * contracts, entryPrice: markPrice };
}
