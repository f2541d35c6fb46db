import {
  blendInWindows,
  buildSpanBook,
  expiryMsOf,
  isCurvedPerpetual,
  isDatedOption,
  type MarketSnapshot,
  type QuotedInstrument,
  type SpanContract,
  type SpanVenueParameters,
  traitsOf,
} from "@plimsoll/risk";
import type { SpanFile, SpanFileContract } from "./span-file.ts";

/** An instrument of a market that is not in the risk parameter file, with the reason. */
export interface LeftOut {
  readonly instrumentId: string;
  readonly reason: string;
}

/**
 * Returns our own arrays and parameters of a market, computed by the method `span`, in the shape of a risk parameter
 * file. Each underlying and settlement currency makes one combined commodity. `leftOut` names the instruments that are
 * not in the file, with a reason each. SPAN may have no array for one, the parameters no row, or the method may refuse
 * its figures.
 */
export function ownSpanFile(
  snapshot: MarketSnapshot,
  venue: SpanVenueParameters,
): { readonly file: SpanFile; readonly leftOut: readonly LeftOut[] } {
  const indexPrices = new Map(snapshot.underlyings.map(({ underlying, indexPrice }) => [underlying, indexPrice]));
  const leftOut: LeftOut[] = [];
  const known = new Map<QuotedInstrument, SpanContract>();
  const bookOf = (quotes: readonly QuotedInstrument[]) =>
    buildSpanBook(
      quotes.map((quoted) => ({ quoted, quantity: 1 })),
      venue,
      indexPrices,
      snapshot.asOfMs,
      known,
    );
  const holdings = blendInWindows(snapshot).instruments.filter((quoted) => {
    const reason = reasonAgainst(quoted, snapshot.asOfMs) ?? refusalOf(() => bookOf([quoted]));
    if (reason !== null) leftOut.push({ instrumentId: quoted.instrument.instrumentId, reason });
    return reason === null;
  });
  const book = bookOf(holdings);
  const contracts = [...known].map(([quoted, contract]): [string, SpanFileContract] => [
    contract.contractId,
    { ...contract, ...listingOf(quoted, contract) },
  ]);
  const { grid, commodities, interSpreads } = book.parameters;
  return {
    file: {
      businessDate: new Date(snapshot.asOfMs).toISOString().slice(0, 10).replaceAll("-", ""),
      isSettlement: false,
      clearingOrganisation: "PLIMSOLL",
      grid,
      commodities,
      interSpreads,
      contracts: new Map(contracts),
    },
    leftOut,
  };
}

/** Returns why the method refuses what `build` builds, or null if it does not refuse. */
function refusalOf(build: () => unknown): string | null {
  try {
    build();
    return null;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

function listingOf({ instrument, markPrice }: QuotedInstrument, { combinedCommodity }: SpanContract) {
  const isOption = isDatedOption(instrument);
  return {
    exchange: "",
    productCode: combinedCommodity,
    productType: isOption ? ("OOP" as const) : ("FUT" as const),
    strike: isOption ? instrument.strike : null,
    price: markPrice,
    contractValueFactor: instrument.contractSize,
  };
}

function reasonAgainst({ instrument, markPrice, markVolatility }: QuotedInstrument, asOfMs: number): string | null {
  if (isCurvedPerpetual(instrument)) return `SPAN has no array for a ${traitsOf(instrument).name}`;
  if (expiryMsOf(instrument) <= asOfMs) return "it has expired";
  if (isDatedOption(instrument)) return markVolatility === null ? "it has no volatility" : null;
  return markPrice > 0 ? null : `its mark is ${markPrice}`;
}
