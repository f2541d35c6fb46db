import type { ProductLink } from "./read-parameters.ts";
import { type ProductElement, productElements, type SpanFileContract, spanContractId } from "./span-file.ts";
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

/** Ids of contracts that were not asked for, kept to suggest what a mistyped id may have meant. */
const otherIdsLimit = 20_000;

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
  /** Null without a risk array. */
  readonly losses: readonly number[] | null;
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
    const outer = series === null ? [family] : [series, family];
    for (const one of outer) if (!this.#stated.has(one)) this.#stated.set(one, sizeOf(one));
    const exchange = family.parent?.fields.get("exch") ?? "";
    const key = productKey(exchange, textField(family, "pfId"), productType);
    const contractValueFactor = firstNumber([element, ...outer], "cvf") ?? 1;
    if (!this.scanRanges.has(key)) {
      const scanRate = [element, ...outer].flatMap((one) => childrenNamed(one, "scanRate"))[0];
      const range = scanRate === undefined ? 0 : numberField(scanRate, "priceScan", 0) * contractValueFactor;
      if (range > 0) this.scanRanges.set(key, range);
    }
    const owner = this.#owners.find(key);
    if (owner !== undefined && this.#choice.combinedCommodities?.has(owner) === false) return;
    const names = {
      exchange,
      productCode: textField(family, "pfCode"),
      productType,
      optionType: series === null ? null : wordField(element, "o", ["C", "P"]) === "C" ? "call" : "put",
      strike: series === null ? null : numberField(element, "k"),
      period: series === null ? textField(element, "pe", "00000000") : textField(series, "pe"),
    } as const;
    const alias = childrenNamed(element, "alias").find((entry) => entry.fields.get("aType") === ownAliasType);
    const contractId = alias === undefined ? spanContractId(names) : textField(alias, "aVal");
    const array = childrenNamed(element, "ra")[0];
    const isAskedFor = this.#choice.contractIds?.has(contractId) ?? true;
    if (isAskedFor) {
      if (this.passedOver.size > 0) {
        throw faultIn(element, "the contract follows a <ccDef> that follows others; exchanges come first");
      }
      this.#askedFor.add(key);
    } else if (array !== undefined) {
      if (this.otherIds.length < otherIdsLimit) this.otherIds.push(contractId);
      return;
    }
    const price = numberField(element, "p", 0);
    const isPremiumStyle = series !== null && textField(family, "valueMeth", "FUT") === "EQTY";
    this.listed.push({
      ...names,
      contractId,
      line: element.line,
      productKey: key,
      kind: series !== null ? "option" : element.name === "fut" ? "future" : "physical",
      price,
      contractValueFactor,
      losses: array === undefined ? null : numbersOf(array),
      compositeDelta: array === undefined ? 0 : numberField(array, "d"),
      deltaScale: firstNumber(series === null ? [element] : [element, series], "sc") ?? 1,
      optionValue: isPremiumStyle ? (firstNumber([element], "val") ?? price * contractValueFactor) : 0,
    });
  }

  /** A series or product family that closes. What it states after its contracts would have come too late for them. */
  closeFamily(element: XmlElement): void {
    const stated = this.#stated.get(element);
    this.#stated.delete(element);
    if (stated !== undefined && stated !== sizeOf(element)) {
      throw faultIn(element, "it states something after its contracts; all but contracts comes before them");
    }
  }
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
