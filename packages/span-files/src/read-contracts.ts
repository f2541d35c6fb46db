import type { ProductLink } from "./read-parameters.ts";
import {
  type ProductElement,
  type ProductType,
  productElements,
  type SpanFileContract,
  SpanFileError,
  spanContractId,
} from "./span-file.ts";
import {
  childrenNamed,
  faultIn,
  numberField,
  numbersOf,
  textField,
  wordField,
  type XmlElement,
} from "./xml-elements.ts";

/** The alias type under which our own writer keeps the id of a contract. */
export const ownAliasType = "PLIMSOLL";

/**
 * The most ids that are kept of contracts that were not asked for, and the most faults kept by id. The ids serve to
 * suggest what a mistyped id may have meant.
 */
const otherIdsLimit = 20_000;

/** How many contracts without a risk array are named per product when nobody asked for them. The others are counted. */
const namedPerProduct = 3;

/**
 * The most product families, combined commodities and links between them in one file. Clearing houses have about ten
 * thousand.
 */
export const productsLimit = 200_000;

/** The choice of the contracts of a file that are kept. */
export interface ContractChoice {
  /**
   * The ids of the contracts to keep; all if absent. Files list every option of every product, so only what is held is
   * kept in memory.
   */
  readonly contractIds?: ReadonlySet<string>;
  /** The combined commodities whose contracts are kept; all if absent. */
  readonly combinedCommodities?: ReadonlySet<string>;
}

/** A contract before its product's combined commodity is known. */
export interface ListedContract extends Omit<SpanFileContract, "combinedCommodity" | "currency" | "losses"> {
  readonly line: number;
  readonly productKey: string;
  readonly losses: readonly number[];
}

/** The contracts of a product that have no risk array. */
export interface WithoutArray {
  /** The ids of all such contracts that were asked for, and of the first few others. */
  readonly contractIds: Set<string>;
  /** The number of such contracts whose ids are not kept. */
  more: number;
}

/**
 * The faults of contracts. A fault stops the margin of those who hold the contract or its commodity, but not the
 * reading of the file.
 */
export class ContractFaults {
  /** The first fault of each product. It stops the margin of the product's whole combined commodity. */
  readonly byProduct = new Map<string, SpanFileError>();
  /** Faults by contract id. If a contract's id could not be read, the key is how the ids of its product begin. */
  readonly byId = new Map<string, SpanFileError>();

  /** Records a fault. `contractId` is null when nobody needs to find the fault by an id. */
  add(productKey: string, contractId: string | null, error: SpanFileError): void {
    if (!this.byProduct.has(productKey)) this.byProduct.set(productKey, error);
    if (contractId !== null && this.byId.size < otherIdsLimit && !this.byId.has(contractId)) {
      this.byId.set(contractId, error);
    }
  }
}

/** A contract element with the elements around it. */
interface ContractPlace {
  readonly element: XmlElement;
  readonly family: XmlElement;
  /** The series of an option, or null for other contracts. */
  readonly series: XmlElement | null;
  readonly exchange: string;
  readonly productType: ProductType;
  readonly productKey: string;
}

/** Finds the owner of a product, such as its combined commodity, by exchange, product and type. */
export class ProductOwners<Owner> {
  readonly #byProduct = new Map<string, Owner>();

  add({ exchange, productId, productType }: ProductLink, owner: Owner): void {
    this.#byProduct.set(productKey(exchange, productId, productType), owner);
  }

  /** Returns the owner of a product key. A link without an exchange matches the product on any exchange. */
  find(key: string): Owner | undefined {
    return this.#byProduct.get(key) ?? this.#byProduct.get(key.slice(key.indexOf("/")));
  }
}

/** Reads what margin needs from each chosen contract element as it closes. */
export class ContractReader {
  readonly listed: ListedContract[] = [];
  /** Contracts without a risk array, by product. */
  readonly withoutArray = new Map<string, WithoutArray>();
  readonly faults = new ContractFaults();
  readonly otherIds: string[] = [];
  /** The price scan range of the first contract of each product that states one, in money, in the order of the file. */
  readonly scanRanges = new Map<string, number>();
  /** The combined commodities that are not kept. */
  readonly passedOver = new Set<string>();
  readonly #choice: ContractChoice;
  readonly #owners: ProductOwners<string>;
  /** The products of the contracts that were asked for. */
  readonly #askedFor = new Set<string>();
  /** How many fields and children a family or series has before its first contract. */
  readonly #stated = new Map<XmlElement, number>();
  #sawContract = false;
  #productCount = 0;

  /**
   * `owners` holds the owners that are known before the file is read. With them, contracts of unwanted commodities are
   * not kept.
   */
  constructor(choice: ContractChoice, owners: ProductOwners<string>) {
    this.#choice = choice;
    this.#owners = owners;
  }

  /**
   * Records a combined commodity, and returns false if it need not be kept. The file lists commodities after contracts,
   * so a commodity that owns none of the contracts asked for is not needed.
   */
  addCommodity(name: string, links: readonly ProductLink[]): boolean {
    this.#countProducts(1 + links.length);
    for (const link of links) this.#owners.add(link, name);
    if (this.#choice.contractIds === undefined || !this.#sawContract) return true;
    const isNeeded = [...this.#askedFor].some((key) => this.#owners.find(key) === name);
    if (!isNeeded) this.passedOver.add(name);
    return isNeeded;
  }

  /** Handles a phy, equity, fut or opt element when it closes. */
  addContract(element: XmlElement): void {
    const series = element.name === "opt" ? element.parent : null;
    const family = series === null ? element.parent : series.parent;
    const productType = productElements[family?.name as ProductElement];
    if (family === null || productType === undefined) return;
    this.#sawContract = true;
    for (const one of [series, family]) if (one !== null && !this.#stated.has(one)) this.#stated.set(one, sizeOf(one));
    const key = keyOfFamily(family, productType);
    const owner = this.#owners.find(key);
    if (owner !== undefined && this.#choice.combinedCommodities?.has(owner) === false) return;
    const place = { element, family, series, exchange: exchangeOf(family), productType, productKey: key };
    const contractId = this.#attempt(place, idsOfProduct(place), () => idOf(place));
    if (contractId === undefined) return;
    const isAskedFor = this.#choice.contractIds?.has(contractId) ?? true;
    if (isAskedFor) {
      if (this.passedOver.size > 0) {
        throw faultIn(element, "the contract follows a <ccDef> that follows others; exchanges come first");
      }
      this.#askedFor.add(key);
    }
    this.#attempt(place, isAskedFor ? contractId : null, () => {
      textField(family, "pfId");
      this.#addScanRange(place);
      const array = childrenNamed(element, "ra")[0];
      if (array === undefined) this.#addWithoutArray(key, contractId, isAskedFor);
      else if (isAskedFor) this.listed.push(readContract(place, contractId, array));
      else if (this.otherIds.length < otherIdsLimit) this.otherIds.push(contractId);
    });
  }

  /**
   * Handles a series or a product family when it closes. It is a fault if the element states something after its
   * contracts, since that came too late for them.
   */
  closeFamily(element: XmlElement): void {
    const family = element.name === "series" ? element.parent : element;
    if (family === element) this.#countProducts(1);
    const productType = productElements[family?.name as ProductElement];
    const stated = this.#stated.get(element);
    this.#stated.delete(element);
    if (family === null || productType === undefined || stated === undefined || stated === sizeOf(element)) return;
    const fault = faultIn(element, "it states something after its contracts; all but contracts comes before them");
    this.faults.add(keyOfFamily(family, productType), null, fault);
  }

  /**
   * Returns what `read` returns. If `read` throws a SpanFileError, records it as a fault of the contract and returns
   * undefined.
   */
  #attempt<Value>({ productKey }: ContractPlace, contractId: string | null, read: () => Value): Value | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof SpanFileError)) throw error;
      this.faults.add(productKey, contractId, error);
      return undefined;
    }
  }

  #addScanRange(place: ContractPlace): void {
    if (this.scanRanges.has(place.productKey)) return;
    const scanRate = outward(place).flatMap((one) => childrenNamed(one, "scanRate"))[0];
    const range = scanRate === undefined ? 0 : numberField(scanRate, "priceScan", 0) * contractValueFactorOf(place);
    if (range > 0) this.scanRanges.set(place.productKey, range);
  }

  #addWithoutArray(key: string, contractId: string, isAskedFor: boolean): void {
    const ofProduct = this.withoutArray.get(key) ?? { contractIds: new Set(), more: 0 };
    this.withoutArray.set(key, ofProduct);
    if (isAskedFor || ofProduct.contractIds.size < namedPerProduct) ofProduct.contractIds.add(contractId);
    else ofProduct.more += 1;
  }

  #countProducts(count: number): void {
    this.#productCount += count;
    if (this.#productCount > productsLimit) {
      throw new SpanFileError(`the file has more than ${productsLimit} products, commodities and links between them`);
    }
  }
}

/** Returns the id of our own that a contract carries, or else the id made of its names. */
function idOf(place: ContractPlace): string {
  const alias = childrenNamed(place.element, "alias").find((entry) => entry.fields.get("aType") === ownAliasType);
  return alias === undefined ? spanContractId(namesOf(place)) : textField(alias, "aVal");
}

/** Returns how the ids of a product begin, or null if its code is not stated. */
function idsOfProduct({ exchange, family, productType }: ContractPlace): string | null {
  const productCode = family.fields.get("pfCode");
  return productCode === undefined ? null : `${[exchange, productCode, productType].join(":")}:`;
}

function namesOf({ element, family, series, exchange, productType }: ContractPlace) {
  return {
    exchange,
    productCode: textField(family, "pfCode"),
    productType,
    optionType: series === null ? null : wordField(element, "o", ["C", "P"]) === "C" ? "call" : "put",
    strike: series === null ? null : numberField(element, "k"),
    period: series === null ? textField(element, "pe", "00000000") : textField(series, "pe"),
  } as const;
}

function readContract(place: ContractPlace, contractId: string, array: XmlElement): ListedContract {
  const { element, family, series, productKey } = place;
  const price = numberField(element, "p", 0);
  const contractValueFactor = contractValueFactorOf(place);
  const isPremiumStyle = series !== null && textField(family, "valueMeth", "FUT") === "EQTY";
  return {
    ...namesOf(place),
    contractId,
    line: element.line,
    productKey,
    kind: series !== null ? "option" : element.name === "fut" ? "future" : "physical",
    price,
    contractValueFactor,
    losses: numbersOf(array),
    compositeDelta: numberField(array, "d"),
    deltaScale: firstNumber(series === null ? [element] : [element, series], "sc") ?? 1,
    optionValue: isPremiumStyle ? (firstNumber([element], "val") ?? price * contractValueFactor) : 0,
  };
}

/**
 * Returns the contract, its series and its family, innermost first. For each figure, the first of them that states it
 * counts.
 */
function outward({ element, series, family }: ContractPlace): XmlElement[] {
  return series === null ? [element, family] : [element, series, family];
}

function contractValueFactorOf(place: ContractPlace): number {
  return firstNumber(outward(place), "cvf") ?? 1;
}

function exchangeOf(family: XmlElement): string {
  return family.parent?.fields.get("exch") ?? "";
}

function keyOfFamily(family: XmlElement, productType: ProductType): string {
  return productKey(exchangeOf(family), family.fields.get("pfId") ?? "", productType);
}

function sizeOf({ fields, children }: XmlElement): number {
  return fields.size + children.length;
}

/** Returns the number in a field of the first element that states it. */
function firstNumber(elements: readonly XmlElement[], field: string): number | undefined {
  const stating = elements.find(({ fields }) => (fields.get(field) ?? "") !== "");
  return stating === undefined ? undefined : numberField(stating, field);
}

function productKey(exchange: string, productId: string, productType: string): string {
  return `${exchange}/${productId}/${productType}`;
}
