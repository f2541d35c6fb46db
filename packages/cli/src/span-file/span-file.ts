import type { SpanCommodityParameters, SpanContract, SpanGrid, SpanInterSpread } from "@plimsoll/risk";

/** Kinds of product families, by the element that holds them: physical, equity, futures, and options on each of these. */
export const productElements = {
  phyPf: "PHY",
  equityPf: "EQTY",
  futPf: "FUT",
  oopPf: "OOP",
  oofPf: "OOF",
  oocPf: "OOC",
  ooePf: "OOE",
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

/** Id of a contract that carries no alias of ours: exchange, product, type, period and, for options, right and strike. */
export function spanContractId(
  contract: Pick<SpanFileContract, "exchange" | "productCode" | "productType" | "period" | "optionType" | "strike">,
): string {
  const { exchange, productCode, productType, period, optionType, strike } = contract;
  const base = `${exchange}:${productCode}:${productType}:${period}`;
  return optionType === null ? base : `${base}:${optionType === "call" ? "C" : "P"}:${strike}`;
}

/** A risk parameter file that cannot be read: the message names the element. */
export class SpanFileError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SpanFileError";
  }
}
