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

/** Alias type under which our own writer keeps the id of a contract. */
export const ownAliasType = "PLIMSOLL";

/** Ids of contracts that were not asked for, kept to suggest what a mistyped id may have meant; and faults kept by id. */
const otherIdsLimit = 20_000;

/** Contracts without a risk array that are named, of each product, when nobody asked for them; the others are counted. */
const namedPerProduct = 3;

/** Product families, combined commodities and links between them of one file: clearing houses have some ten thousand. */
export const productsLimit = 200_000;

/** Which contracts of a file are kept. */
export interface ContractChoice {
  /** Contracts to keep, by id; all when absent. Files list every option of every product: memory is for what is held. */
  readonly contractIds?: ReadonlySet<string>;
  /** Combined commodities to keep the contracts of; all when absent. */
  readonly combinedCommodities?: ReadonlySet<string>;
}

/** A contract before it is known which combined commodity its product belongs to. */
export interface ListedContract extends Omit<SpanFileContract, "combinedCommodity" | "currency" | "losses"> {
  readonly line: number;
  readonly productKey: string;
  readonly losses: readonly number[];
}

/** Contracts of a product that have no risk array. */
export interface WithoutArray {
  /** Ids of all that were asked for and of the first few others. */
  readonly contractIds: Set<string>;
  /** How many others there are besides. */
  more: number;
}

/** What is wrong with contracts. It stops those who hold them or their commodity, not the reading of the file. */
export class ContractFaults {
  /** The first fault of each product, which its whole combined commodity suffers. */
  readonly byProduct = new Map<string, SpanFileError>();
  /** Faults by id, or by the beginning of the ids of a product where a contract's own could not be read. */
  readonly byId = new Map<string, SpanFileError>();

  /** Takes note of a fault; `contractId` is null when nobody needs to find it by an id. */
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
  /** The series of an option, null for others. */
  readonly series: XmlElement | null;
  readonly exchange: string;
  readonly productType: ProductType;
  readonly productKey: string;
}

/** What each product belongs to: the row of its combined commodity, found by exchange, product and type. */
export class ProductOwners<Owner> {
  readonly #byProduct = new Map<string, Owner>();

  add({ exchange, productId, productType }: ProductLink, owner: Owner): void {
    this.#byProduct.set(productKey(exchange, productId, productType), owner);
  }

  /** The owner of a product key; a link without an exchange serves any. */
  find(key: string): Owner | undefined {
    return this.#byProduct.get(key) ?? this.#byProduct.get(key.slice(key.indexOf("/")));
  }
}

/** Takes what margin needs from the elements of contracts as they close, from those that are chosen. */
export class ContractReader {
  readonly listed: ListedContract[] = [];
  /** By product. */
  readonly withoutArray = new Map<string, WithoutArray>();
  readonly faults = new ContractFaults();
  readonly otherIds: string[] = [];
  /** Price scan range, in money, of the first contract that states one, by product in the order of the file. */
  readonly scanRanges = new Map<string, number>();
  /** Combined commodities that need not be kept. */
  readonly passedOver = new Set<string>();
  readonly #choice: ContractChoice;
  readonly #owners: ProductOwners<string>;
  /** Products of contracts that were asked for. */
  readonly #askedFor = new Set<string>();
  /** How much a family or series states before its first contract. */
  readonly #stated = new Map<XmlElement, number>();
  #sawContract = false;
  #productCount = 0;

  /** What is known of `owners` before the file is read saves keeping contracts until the file says whose they are. */
  constructor(choice: ContractChoice, owners: ProductOwners<string>) {
    this.#choice = choice;
    this.#owners = owners;
  }

  /**
   * Takes note of a combined commodity; false when it need not be kept. Commodities follow the contracts, so that one which
   * owns none of those that were asked for is not needed.
   */
  addCommodity(name: string, links: readonly ProductLink[]): boolean {
    this.#countProducts(1 + links.length);
    for (const link of links) this.#owners.add(link, name);
    if (this.#choice.contractIds === undefined || !this.#sawContract) return true;
    const isNeeded = [...this.#askedFor].some((key) => this.#owners.find(key) === name);
    if (!isNeeded) this.passedOver.add(name);
    return isNeeded;
  }

  /** A phy, equity, fut or opt that closes. */
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

  /** A series or product family that closes. What it states after its contracts would have come too late for them. */
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

  /** What `read` gives; where it refuses, undefined, and the fault is one of the contract. */
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

/** The id of our own that a contract carries, or else the one made of its names. */
function idOf(place: ContractPlace): string {
  const alias = childrenNamed(place.element, "alias").find((entry) => entry.fields.get("aType") === ownAliasType);
  return alias === undefined ? spanContractId(namesOf(place)) : textField(alias, "aVal");
}

/** How the ids of a product begin, null when its code is not stated. */
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

/** The contract, its series and its family: what the first of them states holds. */
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

/** The number in a field of the first element that states it. */
function firstNumber(elements: readonly XmlElement[], field: string): number | undefined {
  const stating = elements.find(({ fields }) => (fields.get(field) ?? "") !== "");
  return stating === undefined ? undefined : numberField(stating, field);
}

function productKey(exchange: string, productId: string, productType: string): string {
  return `${exchange}/${productId}/${productType}`;
}
