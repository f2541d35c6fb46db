import type { SpanCommodityParameters, SpanContract, SpanGrid, SpanInterSpread } from "@plimsoll/risk";

/**
 * Kinds of product families, by the element that holds them: physical, equity, futures, and options on each of these and on
 * combinations. In the order in which an exchange lists them.
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
  /** Price in the file, quote units. */
  readonly price: number;
  /** Money of one price unit of one contract. */
  readonly contractValueFactor: number;
}

/** What a risk parameter file says, as far as margining positions needs it. */
export interface SpanFile {
  /** yyyymmdd. */
  readonly businessDate: string;
  readonly isSettlement: boolean;
  readonly clearingOrganisation: string;
  readonly grid: SpanGrid;
  readonly commodities: readonly SpanCommodityParameters[];
  readonly interSpreads: readonly SpanInterSpread[];
  /** By contract id. */
  readonly contracts: ReadonlyMap<string, SpanFileContract>;
}

/** A row that cannot be used. It stops the margin of positions that are in all of `combinedCommodities`, and no other. */
export interface SpanFileFault {
  readonly combinedCommodities: readonly string[];
  readonly error: SpanFileError;
}

/** A file as it was read: what margin can use of it, and what it cannot. */
export interface ReadSpanFile extends SpanFile {
  /** Commodities and spreads that cannot be used. They are missing from `commodities` and `interSpreads`. */
  readonly faults: readonly SpanFileFault[];
  /**
   * What is wrong with contracts that were asked for, by id; where a contract's id cannot be read, by how the ids of its product
   * begin. Such contracts are missing from `contracts`.
   */
  readonly contractFaults: ReadonlyMap<string, SpanFileError>;
  /**
   * Ids of contracts that the file lists without a risk array, as it may: they can be held elsewhere, not margined here. All that
   * were asked for, and the first three others of each product.
   */
  readonly withoutArray: readonly string[];
  /** How many contracts without a risk array there are besides those in `withoutArray`. */
  readonly moreWithoutArray: number;
  /** Ids of other contracts of the file that were not asked for, the first 20,000 of them: what a mistyped id may have meant. */
  readonly otherContractIds: readonly string[];
}

/** Id of a contract that carries no alias of ours: exchange, product, type, period and, for options, right and strike. */
export function spanContractId(
  contract: Pick<SpanFileContract, "exchange" | "productCode" | "productType" | "period" | "optionType" | "strike">,
): string {
  const { exchange, productCode, productType, period, optionType, strike } = contract;
  const right = optionType === null ? [] : [optionType === "call" ? "C" : "P", strike];
  return [exchange, productCode, productType, period, ...right].join(":");
}

/** A risk parameter file that cannot be read or used: one line that names the place, by line and element. */
export class SpanFileError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message.replaceAll(/\p{Cc}+/gu, " "), options);
    this.name = "SpanFileError";
  }
}
