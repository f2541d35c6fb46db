import type { SpanCommodityParameters, SpanContract, SpanGrid, SpanInterSpread } from "@plimsoll/risk";

/**
 * The kinds of product families, by the element that holds them, in the order in which an exchange lists them. They are
 * physicals, equities, futures, and options on each of these and on combinations.
 */
export const productElements = {
  phyPf: "PHY",
  equityPf: "EQTY",
  futPf: "FUT",
  oopPf: "OOP",
  oofPf: "OOF",
  ooePf: "OOE",
  oocPf: "OOC",
} as const;

export type ProductElement = keyof typeof productElements;
export type ProductType = (typeof productElements)[ProductElement];

/** A contract as a risk parameter file states it. */
export interface SpanFileContract extends SpanContract {
  readonly exchange: string;
  readonly productCode: string;
  readonly productType: ProductType;
  readonly strike: number | null;
  /** The price in the file, in quote units. */
  readonly price: number;
  /** The money that one price unit of one contract is worth. */
  readonly contractValueFactor: number;
}

/** The part of a risk parameter file that margining positions needs. */
export interface SpanFile {
  /** The date as yyyymmdd. */
  readonly businessDate: string;
  readonly isSettlement: boolean;
  readonly clearingOrganisation: string;
  readonly grid: SpanGrid;
  readonly commodities: readonly SpanCommodityParameters[];
  readonly interSpreads: readonly SpanInterSpread[];
  /** Contracts by contract id. */
  readonly contracts: ReadonlyMap<string, SpanFileContract>;
}

/** A row that cannot be used. It stops only the margin of positions that are in all of `combinedCommodities`. */
export interface SpanFileFault {
  readonly combinedCommodities: readonly string[];
  readonly error: SpanFileError;
}

/** A file as it was read, with the rows and contracts that cannot be used. */
export interface ReadSpanFile extends SpanFile {
  /** The commodities and spreads that cannot be used. They are missing from `commodities` and `interSpreads`. */
  readonly faults: readonly SpanFileFault[];
  /**
   * The faults of contracts that were asked for, by contract id. If a contract's id cannot be read, the key is how the
   * ids of its product begin. Such contracts are missing from `contracts`.
   */
  readonly contractFaults: ReadonlyMap<string, SpanFileError>;
  /**
   * The ids of contracts that the file lists without a risk array. They can be held elsewhere but not margined here.
   * The list has all that were asked for, and the first three others of each product.
   */
  readonly withoutArray: readonly string[];
  /** The number of contracts without a risk array that are not in `withoutArray`. */
  readonly moreWithoutArray: number;
  /**
   * The ids of the first 20,000 contracts that were not asked for. They serve to suggest what a mistyped id may have
   * meant.
   */
  readonly otherContractIds: readonly string[];
}

/**
 * Returns the id of a contract that carries no alias of ours. It joins exchange, product, type, period and, for
 * options, right and strike.
 */
export function spanContractId(
  contract: Pick<SpanFileContract, "exchange" | "productCode" | "productType" | "period" | "optionType" | "strike">,
): string {
  const { exchange, productCode, productType, period, optionType, strike } = contract;
  const right = optionType === null ? [] : [optionType === "call" ? "C" : "P", strike];
  return [exchange, productCode, productType, period, ...right].join(":");
}

/**
 * Says that a risk parameter file cannot be read or used. The message is one line that names the place by line and
 * element.
 */
export class SpanFileError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message.replaceAll(/\p{Cc}+/gu, " "), options);
    this.name = "SpanFileError";
  }
}
