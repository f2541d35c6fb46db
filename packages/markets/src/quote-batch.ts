import { InputError, type Place, type Rejects } from "@plimsoll/files";
import { hasStrike, isDated } from "@plimsoll/risk";
import {
  decimalPlaces,
  type InstrumentQuote,
  limits,
  positivePrice,
  pricePlaces,
  type Quote,
  quote,
} from "@plimsoll/schema";
import { decimalText, roundedDecimal } from "./decimal-text.ts";
import { type DollarPrice, findDollarPrices, type MarketTerms, type PairPrice } from "./dollar-prices.ts";
import { type NamedInstrument, parseInstrumentName } from "./instrument-name.ts";
import {
  averageQuotes,
  estimatedDeliveryPrice,
  rememberAverage,
  settlementWindowMinutes,
} from "./settlement-quotes.ts";

/**
 * One row of a Deribit file or answer, before anything in it is checked. Texts are as the source has them; "" stands
 * for none.
 */
export interface ChainRow {
  readonly place: Place;
  readonly instrumentName: string;
  readonly markPrice: string;
  readonly markVolatility: string;
  readonly underlyingPrice: string;
  readonly underlyingName: string;
  readonly indexPrice: string;
  /**
   * In the last half hour before the expiry, the average so far at which the expiry will settle. Recordings have none.
   */
  readonly estimatedDeliveryPrice?: string;
  /** The funding of a perpetual over the last eight hours, as a share of its value. Recordings have none. */
  readonly funding8h?: string;
  /** What columns beside the name say of the option. They must agree with the name. */
  readonly stated?: { readonly optionType: string; readonly strike: string; readonly expiryMs: number };
}

export interface ChainRows {
  readonly rows: readonly ChainRow[];
  /** Index prices that the source states beside those of its rows; absent if it states none. */
  readonly indices?: readonly PairPrice[];
  readonly observedAtMs: number;
  /** The places by which the decimal point of `markVolatility` moves to the right. It is -2 for percent. */
  readonly volatilityShift: 0 | -2;
  /** Marks of perpetuals that are known from another file, by instrument name, in US dollars per unit. */
  readonly perpetualMarks: ReadonlyMap<string, string>;
}

/** The body of `POST /v1/quotes` with typed quotes, which have passed the schema. */
export interface MarketBatch {
  readonly source: string;
  readonly observed_at: string;
  readonly quotes: readonly Quote[];
}

/**
 * The size of one inverse contract in US dollars, by coin (Deribit's contract specifications). Other coins have 1, such
 * as ETH.
 */
const inverseContractSizes: Readonly<Record<string, string>> = { BTC: "10" };

const fundingRateDecimals = 12;

/** The instruments of one underlying that settle in the same currency. Their prices share a currency. */
interface Family {
  readonly underlying: string;
  readonly linearIn: string | null;
  readonly indexPrices: string[];
  readonly forwards: Map<string, string[]>;
  /** The average so far of each expiry that is inside its settlement window, by expiry time. */
  readonly averages: Map<number, string>;
}

/**
 * Turns rows into the quotes of one batch. A row with an impossible value is refused alone, with the field, the value
 * and what is allowed. Beside the instruments of the rows, the batch has
 *
 * - the index price of each underlying in US dollars. It is the median of the index prices in the underlying's rows,
 *   because a recording is not atomic. If that median is in another currency, it is multiplied by the currency's price.
 * - each dated future that rows name as their underlying and that has no row of its own. Its mark is the median
 *   forward.
 * - the perpetual, if it has no row of its own. Its mark is taken from `perpetualMarks`, or else is the index price.
 * - the price of each currency that instruments settle in, which findDollarPrices finds. It comes from the source's
 *   index of the currency, or from two indices of one underlying (`BTC` over `BTC_USDC` is USDC). Else it is the price
 *   that the user states, or par, which is then marked so. Instruments in a currency that has no price are refused.
 * - the average so far of each expiry in its last half hour, if the source estimates its delivery price.
 *
 * Quantities of linear instruments are in units of the underlying, as Deribit's `amount` is.
 */
export function buildMarketBatch(input: ChainRows, rejects: Rejects, terms: MarketTerms): MarketBatch {
  const instruments = new Map<string, InstrumentQuote>();
  const families = new Map<string, Family>();
  const places = new Map<string, Place>();
  for (const row of input.rows) {
    const first = places.get(row.instrumentName);
    if (first) {
      const where = "line" in first ? `line ${first.line}` : first.path;
      rejects.add(row.place, row.instrumentName, `instrument_name: given before at ${where}; each instrument once`);
      continue;
    }
    const accepted = readRow(row, input, rejects);
    if (!accepted) continue;
    places.set(row.instrumentName, row.place);
    instruments.set(row.instrumentName, accepted.quote);
    remember(families, row, accepted, input.observedAtMs);
  }
  // Families in US dollars come first, since their index needs no other price.
  const inOrder = [...families.values()].sort((a, b) => Number(a.linearIn !== null) - Number(b.linearIn !== null));
  const indices = inOrder.map(
    ({ underlying, linearIn, indexPrices }): PairPrice => ({
      coin: underlying,
      currency: linearIn ?? "USD",
      price: median(indexPrices),
    }),
  );
  const prices = findDollarPrices([...indices, ...(input.indices ?? [])], terms);
  const priced: Family[] = [];
  for (const [id, family] of families) {
    if (prices.has(family.underlying)) {
      addFutures(instruments, family, input.perpetualMarks);
      priced.push(family);
    } else refuseFamily(instruments, id, places, rejects);
  }
  if (instruments.size === 0) throw new InputError(noneAccepted(input, rejects));
  if (instruments.size > limits.instrumentsPerSnapshot) {
    throw new InputError(
      `${rejects.file} has ${instruments.size} instruments; a snapshot takes at most ${limits.instrumentsPerSnapshot}: ` +
        "give fewer underlyings or expiries",
    );
  }
  const byId = [...instruments.values()].sort((a, b) => compare(a.instrument_id, b.instrument_id));
  return {
    source: "deribit",
    observed_at: new Date(input.observedAtMs).toISOString(),
    quotes: [...indexQuotes(prices), ...byId, ...averageQuotes(priced)],
  };
}

interface AcceptedRow {
  readonly named: NamedInstrument;
  readonly quote: InstrumentQuote;
  readonly indexPrice: string;
  readonly underlyingPrice: string | null;
}

function readRow(row: ChainRow, input: ChainRows, rejects: Rejects): AcceptedRow | undefined {
  const named = parseInstrumentName(row.instrumentName);
  if (!named) {
    rejects.add(
      row.place,
      row.instrumentName,
      "instrument_name: an option such as BTC-27MAR26-100000-C, a future such as BTC-27MAR26 or BTC-PERPETUAL",
    );
    return undefined;
  }
  const problem = statedProblem(row, named) ?? expiryProblem(row, named, input.observedAtMs);
  if (problem) {
    rejects.add(row.place, problem.value, problem.problem);
    return undefined;
  }
  const readNumber = (field: string, text: string, shift = 0, places: number = pricePlaces) => {
    const decimal = decimalText(text, shift, places);
    if (decimal === undefined) {
      rejects.add(row.place, text, `${field}: a finite decimal number of at most 48 characters`);
    }
    return decimal;
  };
  const indexPrice = readNumber("index_price", row.indexPrice);
  const markPrice = readNumber("mark_price", row.markPrice);
  if (indexPrice === undefined || markPrice === undefined) return undefined;
  const isPrice = positivePrice.safeParse(indexPrice);
  if (!isPrice.success) {
    rejects.add(row.place, row.indexPrice, `index_price: ${isPrice.error.issues[0]?.message}`);
    return undefined;
  }
  const underlyingPrice = hasStrike(named) ? readNumber("underlying_price", row.underlyingPrice) : null;
  const volatility =
    row.markVolatility === "" ? "0" : readNumber("mark_iv", row.markVolatility, input.volatilityShift, decimalPlaces);
  if (underlyingPrice === undefined || volatility === undefined) return undefined;
  const forward = underlyingPrice ?? (isDated(named) ? markPrice : indexPrice);
  const parsed = quote.safeParse(
    wireInstrument(row.instrumentName, named, {
      forward,
      markPrice,
      volatility: volatility === "0" ? null : volatility,
      settlesOnAverage: estimatedDeliveryPrice(row) !== undefined,
      funding8h: decimalText(row.funding8h ?? "") ?? null,
    }),
  );
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = String(issue?.path[0] ?? "row");
    rejects.add(row.place, givenValue(row, field), `${columnOf(field)}: ${issue?.message}`);
    return undefined;
  }
  return { named, quote: parsed.data as InstrumentQuote, indexPrice, underlyingPrice };
}

/** Returns the name that the source has for a wire field. */
function columnOf(field: string): string {
  if (field === "forward_price") return "underlying_price";
  return field === "mark_volatility" ? "mark_iv" : field;
}

function givenValue(row: ChainRow, field: string): string {
  switch (field) {
    case "forward_price":
      return row.underlyingPrice;
    case "mark_volatility":
      return row.markVolatility;
    case "mark_price":
      return row.markPrice;
    default:
      return row.instrumentName;
  }
}

interface Problem {
  readonly value: string;
  readonly problem: string;
}

function statedProblem(row: ChainRow, named: NamedInstrument): Problem | undefined {
  const { stated } = row;
  if (!stated || !hasStrike(named)) return undefined;
  const strike = decimalText(stated.strike);
  if (strike === undefined || !(Number(strike) > 0)) {
    return { value: stated.strike, problem: "strike: a finite decimal number above zero" };
  }
  if (Number(strike) !== Number(named.strike)) {
    return { value: stated.strike, problem: `strike: ${named.strike}, as in instrument_name ${row.instrumentName}` };
  }
  if (stated.optionType !== named.optionType) {
    return { value: stated.optionType, problem: `option_type: ${named.optionType}, as in ${row.instrumentName}` };
  }
  if (stated.expiryMs !== named.expiryMs) {
    const value = Number.isNaN(stated.expiryMs) ? "not a time" : new Date(stated.expiryMs).toISOString();
    return { value, problem: `expiry: ${new Date(named.expiryMs).toISOString()}, as in ${row.instrumentName}` };
  }
  return undefined;
}

function expiryProblem(row: ChainRow, named: NamedInstrument, observedAtMs: number): Problem | undefined {
  if (!isDated(named) || named.expiryMs > observedAtMs) return undefined;
  const observedAt = new Date(observedAtMs).toISOString();
  return {
    value: row.instrumentName,
    problem: `expiry: after the time of the recording, ${observedAt}; it has expired`,
  };
}

interface Prices {
  readonly forward: string;
  readonly markPrice: string;
  readonly volatility: string | null;
  readonly settlesOnAverage: boolean;
  readonly funding8h: string | null;
}

function wireInstrument(instrumentId: string, named: NamedInstrument, prices: Prices): Record<string, unknown> {
  const base = {
    kind: named.kind,
    instrument_id: instrumentId,
    underlying: named.underlying,
    settlement: named.linearIn === null ? "inverse" : "linear",
    quote_currency: named.linearIn ?? "USD",
    contract_size: contractSize(named),
    forward_price: prices.forward,
    mark_price: prices.markPrice,
  };
  // We take the funding of the next hours to be what the last eight hours paid. This is our own choice.
  if (!isDated(named)) {
    if (prices.funding8h === null) return base;
    return { ...base, hourly_funding_rate: roundedDecimal(Number(prices.funding8h) / 8, fundingRateDecimals) };
  }
  const dated = {
    ...base,
    expiry: new Date(named.expiryMs).toISOString(),
    ...(prices.settlesOnAverage && { settlement_window_minutes: settlementWindowMinutes }),
  };
  if (!hasStrike(named)) return dated;
  return {
    ...dated,
    option_type: named.optionType,
    strike: named.strike,
    mark_volatility: prices.volatility,
  };
}

function contractSize(named: NamedInstrument): string {
  if (hasStrike(named) || named.linearIn !== null) return "1";
  return inverseContractSizes[named.underlying] ?? "1";
}

function remember(families: Map<string, Family>, row: ChainRow, accepted: AcceptedRow, observedAtMs: number) {
  const { underlying, linearIn } = accepted.named;
  const id = pairOf(underlying, linearIn);
  let family = families.get(id);
  if (!family) {
    family = { underlying, linearIn, indexPrices: [], forwards: new Map(), averages: new Map() };
    families.set(id, family);
  }
  family.indexPrices.push(accepted.indexPrice);
  rememberAverage(family.averages, accepted.named, estimatedDeliveryPrice(row), observedAtMs);
  if (accepted.underlyingPrice === null) return;
  const forwards = family.forwards.get(row.underlyingName) ?? [];
  forwards.push(accepted.underlyingPrice);
  family.forwards.set(row.underlyingName, forwards);
}

function addFutures(
  instruments: Map<string, InstrumentQuote>,
  family: Family,
  perpetualMarks: ReadonlyMap<string, string>,
) {
  const index = median(family.indexPrices);
  const perpetualId = `${pairOf(family.underlying, family.linearIn)}-PERPETUAL`;
  addFuture(instruments, perpetualId, family, index, perpetualMarks.get(perpetualId) ?? index);
  for (const [name, forwards] of family.forwards) {
    const named = parseInstrumentName(name);
    if (named === undefined || !isDated(named) || hasStrike(named)) continue;
    addFuture(instruments, name, family, median(forwards), median(forwards));
  }
}

function addFuture(
  instruments: Map<string, InstrumentQuote>,
  name: string,
  { averages }: Family,
  forward: string,
  markPrice: string,
) {
  const named = parseInstrumentName(name);
  if (!named || instruments.has(name)) return;
  const settlesOnAverage = isDated(named) && averages.has(named.expiryMs);
  const wire = wireInstrument(name, named, { forward, markPrice, volatility: null, settlesOnAverage, funding8h: null });
  instruments.set(name, quote.parse(wire) as InstrumentQuote);
}

/** Removes the instruments of a family whose index in US dollars cannot be known, and refuses their rows. */
function refuseFamily(
  instruments: Map<string, InstrumentQuote>,
  family: string,
  places: ReadonlyMap<string, Place>,
  rejects: Rejects,
): void {
  for (const [id, { underlying, settlement, quote_currency: currency }] of instruments) {
    if (pairOf(underlying, settlement === "inverse" ? null : currency) !== family) continue;
    instruments.delete(id);
    rejects.add(
      places.get(id)!,
      id,
      `instrument_name: one in a currency that has a price; state that of ${currency} with --price ${currency}=1.08`,
    );
  }
}

function indexQuotes(prices: ReadonlyMap<string, DollarPrice>): Quote[] {
  return [...prices]
    .sort(([a], [b]) => compare(a, b))
    .map(([underlying, { priceUsd, atPar }]) => ({
      kind: "index",
      underlying,
      index_price: priceUsd,
      ...(atPar !== undefined && { at_par: atPar }),
    }));
}

function pairOf(underlying: string, linearIn: string | null): string {
  return linearIn === null ? underlying : `${underlying}_${linearIn}`;
}

/** Returns the middle price, or the lower of the two middle ones, so that it is always a price that was recorded. */
function median(decimals: readonly string[]): string {
  const sorted = [...decimals].sort((a, b) => Number(a) - Number(b));
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function noneAccepted({ rows, indices = [] }: ChainRows, rejects: Rejects): string {
  const first = rejects.list[0];
  if (rows.length === 0 && first === undefined && indices.length > 0) {
    return (
      `${rejects.file} holds ${indices.length} index ${indices.length === 1 ? "price" : "prices"} but no instrument: ` +
      "add answers of get_book_summary_by_currency, or notifications of ticker, of the instruments"
    );
  }
  const why = first ? `; the first problem is ${first.problem}, got ${first.value}` : "";
  return `${rejects.file}: no row could be used (${rejects.list.length} refused)${why}`;
}
