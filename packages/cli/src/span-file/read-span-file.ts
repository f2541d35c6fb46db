import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import type { SpanCommodityParameters, SpanGrid, SpanInterSpread } from "@plimsoll/risk";
import {
  type CommodityDefinition,
  type ProductLink,
  readCommodity,
  readGrid,
  readInterSpreads,
} from "./read-parameters.ts";
import {
  type ProductElement,
  productElements,
  type SpanFile,
  type SpanFileContract,
  SpanFileError,
  spanContractId,
} from "./span-file.ts";
import { childrenNamed, numberField, readXmlElements, textField, type XmlElement } from "./xml-elements.ts";

/** Alias type under which our own writer keeps the id of a contract. */
export const ownAliasType = "PLIMSOLL";

export interface ReadSpanFileOptions {
  /** Combined commodities to keep the contracts of; all when absent. Files list every option of every product. */
  readonly combinedCommodities?: ReadonlySet<string>;
  /** Account type whose initial rate applies, as in the file's pbRateDef: H, M, S, N ...; its first when absent. */
  readonly accountType?: string;
}

/** A contract before it is known which combined commodity its product belongs to. */
interface RawContract {
  readonly exchange: string;
  readonly productId: string;
  readonly contract: Omit<SpanFileContract, "combinedCommodity" | "currency" | "contractId">;
  readonly alias: string | null;
  readonly priceScanRange: number | null;
}

/** Contracts of a series or family, kept as they close so that their elements can go. */
type Leaf = Omit<RawContract, "exchange" | "productId">;

/**
 * Reads a SPAN risk parameter file in XML (.spn, also gzipped), as a stream: elements are dropped as soon as what
 * margin needs of them is taken. Elements and fields: public field lists (docs/sources.md, SPAN: parameter files). A
 * file that is not well-formed or lacks something margin needs is a SpanFileError.
 */
export async function readSpanFile(path: string, options: ReadSpanFileOptions = {}): Promise<SpanFile> {
  const file = createReadStream(path);
  const bytes = path.endsWith(".gz") ? file.pipe(createGunzip()) : file;
  return parseSpanFile(bytes.setEncoding("utf8") as AsyncIterable<string>, options);
}

/** The same from text in pieces. */
export async function parseSpanFile(
  chunks: AsyncIterable<string>,
  options: ReadSpanFileOptions = {},
): Promise<SpanFile> {
  let businessDate = "";
  let isSettlement = false;
  let clearingOrganisation = "";
  let grid: SpanGrid | null = null;
  const rateDefinitions: XmlElement[] = [];
  const commodityElements: XmlElement[] = [];
  const interElements: XmlElement[] = [];
  const raw: RawContract[] = [];
  const leaves = new Map<XmlElement, Leaf[]>();
  const isWanted = (contract: XmlElement) =>
    !isUnwantedProduct(contract, commodityElements, options.combinedCommodities);

  await readXmlElements(chunks, (element) => {
    switch (element.name) {
      case "pointDef":
        grid ??= readGrid(element);
        return false;
      case "pbRateDef":
        rateDefinitions.push(element);
        return false;
      case "ccDef":
        commodityElements.push(element);
        return false;
      case "interSpreads":
        interElements.push(element);
        return false;
      case "phy":
      case "equity":
      case "fut":
      case "opt":
        if (isWanted(element)) pushLeaf(leaves, element.parent!, readLeaf(element));
        return false;
      case "series":
        for (const leaf of leaves.get(element) ?? []) pushLeaf(leaves, element.parent!, finishOption(leaf, element));
        leaves.delete(element);
        return false;
      case "phyPf":
      case "equityPf":
      case "futPf":
      case "oopPf":
      case "oofPf":
      case "oocPf":
      case "ooePf":
        for (const leaf of leaves.get(element) ?? []) raw.push(finishContract(element, leaf));
        leaves.delete(element);
        return false;
      case "exchange":
        return false;
      case "clearingOrg":
        clearingOrganisation = textField(element, "ec", "");
        return false;
      case "pointInTime":
        businessDate = textField(element, "date", "");
        isSettlement = textField(element, "isSetl", "0") === "1";
        return false;
      default:
        return true;
    }
  });
  if (grid === null) throw new SpanFileError("The file has no <pointDef>: its scenarios are not known");
  if (commodityElements.length === 0)
    throw new SpanFileError("The file has no <ccDef>: no combined commodity is defined");
  const rates = chooseRates(rateDefinitions, options.accountType);
  const definitions = commodityElements.map((element) => readCommodity(element, rates.maintenance));
  return assemble(
    { businessDate, isSettlement, clearingOrganisation, grid },
    definitions,
    interElements.flatMap((element) => readInterSpreads(element, rates.maintenance)),
    raw,
    rates.initial,
    options.combinedCommodities,
  );
}

/** Maintenance and initial rate ids of an account type: isM says which is which, core requirements before reserve ones. */
function chooseRates(
  definitions: readonly XmlElement[],
  accountType: string | undefined,
): { maintenance: string; initial: string | null } {
  const core = definitions.filter((definition) => textField(definition, "pbc", "CORE") === "CORE");
  const wanted = accountType ?? core[0]?.fields.get("acctType");
  const ours = core.filter((definition) => definition.fields.get("acctType") === wanted);
  if (accountType !== undefined && ours.length === 0) {
    const known = [...new Set(core.map((definition) => definition.fields.get("acctType")))].join(", ");
    throw new SpanFileError(`The file has no account type ${accountType}; it has ${known}`);
  }
  const idOf = (isMaintenance: string) =>
    ours.find((definition) => definition.fields.get("isM") === isMaintenance)?.fields.get("r") ?? null;
  return { maintenance: idOf("1") ?? "1", initial: idOf("0") };
}

/** Whether a contract's family is known already to belong to a commodity nobody asked for: its array need not be kept. */
function isUnwantedProduct(
  contract: XmlElement,
  commodities: readonly XmlElement[],
  wanted: ReadonlySet<string> | undefined,
): boolean {
  if (wanted === undefined) return false;
  const family = contract.name === "opt" ? contract.parent?.parent : contract.parent;
  const productId = family?.fields.get("pfId");
  const owner = commodities.find((commodity) =>
    childrenNamed(commodity, "pfLink").some((link) => link.fields.get("pfId") === productId),
  );
  return owner !== undefined && !wanted.has(textField(owner, "cc"));
}

function pushLeaf(leaves: Map<XmlElement, Leaf[]>, owner: XmlElement, leaf: Leaf): void {
  const list = leaves.get(owner);
  if (list === undefined) leaves.set(owner, [leaf]);
  else list.push(leaf);
}

function readLeaf(element: XmlElement): Leaf {
  const array = childrenNamed(element, "ra")[0];
  if (array === undefined) throw new SpanFileError(`<${element.name}> without risk array <ra>`);
  const alias = childrenNamed(element, "alias").find((entry) => entry.fields.get("aType") === ownAliasType);
  const scanRate = childrenNamed(element, "scanRate")[0];
  const isOption = element.name === "opt";
  return {
    alias: alias === undefined ? null : textField(alias, "aVal"),
    priceScanRange: scanRate === undefined ? null : numberField(scanRate, "priceScan", 0),
    contract: {
      exchange: "",
      productCode: "",
      productType: "PHY",
      kind: isOption ? "option" : element.name === "fut" ? "future" : "physical",
      optionType: isOption ? (textField(element, "o") === "C" ? "call" : "put") : null,
      strike: isOption ? numberField(element, "k") : null,
      period: textField(element, "pe", "00000000"),
      price: numberField(element, "p", 0),
      contractValueFactor: numberField(element, "cvf", Number.NaN),
      losses: Float64Array.from(array.values),
      compositeDelta: numberField(array, "d"),
      deltaScale: numberField(element, "sc", Number.NaN),
      optionValue: numberField(element, "val", Number.NaN),
    },
  };
}

/** An option takes from its series what it does not say itself. */
function finishOption(leaf: Leaf, series: XmlElement): Leaf {
  const { contract } = leaf;
  const scanRate = childrenNamed(series, "scanRate")[0];
  return {
    ...leaf,
    priceScanRange: leaf.priceScanRange ?? (scanRate === undefined ? null : numberField(scanRate, "priceScan", 0)),
    contract: {
      ...contract,
      period: textField(series, "pe"),
      contractValueFactor: orElse(contract.contractValueFactor, numberField(series, "cvf", Number.NaN)),
      deltaScale: orElse(contract.deltaScale, numberField(series, "sc", Number.NaN)),
    },
  };
}

/** A contract takes from its family what neither it nor its series says; only premium-style options have a value. */
function finishContract(family: XmlElement, { contract, alias, priceScanRange }: Leaf): RawContract {
  const exchange = family.parent?.fields.get("exch") ?? "";
  const contractValueFactor = orElse(contract.contractValueFactor, numberField(family, "cvf", 1));
  const isPremiumStyle = contract.kind === "option" && textField(family, "valueMeth", "FUT") === "EQTY";
  return {
    exchange,
    productId: textField(family, "pfId"),
    alias,
    priceScanRange: priceScanRange === null ? null : priceScanRange * contractValueFactor,
    contract: {
      ...contract,
      exchange,
      productCode: textField(family, "pfCode"),
      productType: productElements[family.name as ProductElement],
      contractValueFactor,
      deltaScale: orElse(contract.deltaScale, 1),
      optionValue: isPremiumStyle ? orElse(contract.optionValue, contract.price * contractValueFactor) : 0,
    },
  };
}

function orElse(value: number, otherwise: number): number {
  return Number.isNaN(value) ? otherwise : value;
}

function assemble(
  head: Pick<SpanFile, "businessDate" | "isSettlement" | "clearingOrganisation" | "grid">,
  definitions: readonly CommodityDefinition[],
  interSpreads: readonly SpanInterSpread[],
  raw: readonly RawContract[],
  initialRate: string | null,
  wanted: ReadonlySet<string> | undefined,
): SpanFile {
  const byProduct = new Map<string, { definition: CommodityDefinition; link: ProductLink }>();
  for (const definition of definitions) {
    for (const link of definition.links)
      byProduct.set(productKey(link.exchange, link.productId, link.productType), { definition, link });
  }
  const contracts = new Map<string, SpanFileContract>();
  const scanRanges = new Map<string, number>();
  for (const { exchange, productId, contract, alias, priceScanRange } of raw) {
    const found =
      byProduct.get(productKey(exchange, productId, contract.productType)) ??
      byProduct.get(productKey("", productId, contract.productType));
    if (found === undefined) continue;
    const { combinedCommodity, currency } = found.definition.parameters;
    if (wanted !== undefined && !wanted.has(combinedCommodity)) continue;
    if (contract.losses.length !== head.grid.scenarios.length) {
      throw new SpanFileError(
        `The risk array of ${spanContractId(contract)} has ${contract.losses.length} values; the file has ${head.grid.scenarios.length} scenarios`,
      );
    }
    const contractId = alias ?? spanContractId(contract);
    const before = contracts.get(contractId);
    if (before?.losses.some((loss, index) => loss !== contract.losses[index])) {
      throw new SpanFileError(
        `The contract ${contractId} has two risk arrays that differ; leave one of them in the file`,
      );
    }
    contracts.set(contractId, {
      ...contract,
      contractId,
      combinedCommodity,
      currency,
      deltaScale: contract.deltaScale * found.link.scale,
    });
    if (priceScanRange !== null && priceScanRange > 0 && !scanRanges.has(combinedCommodity)) {
      scanRanges.set(combinedCommodity, priceScanRange);
    }
  }
  const commodities = definitions
    .filter(({ parameters }) => wanted === undefined || wanted.has(parameters.combinedCommodity))
    .map(({ parameters, priceScanRange, adjustments }): SpanCommodityParameters => {
      const range = priceScanRange ?? scanRanges.get(parameters.combinedCommodity);
      if (range === undefined && parameters.weightedPriceRiskMethod !== "normal") {
        throw new SpanFileError(
          `${parameters.combinedCommodity} caps its credits at a scan range that the file does not give`,
        );
      }
      return {
        ...parameters,
        priceScanRange: range ?? 1,
        initialToMaintenanceRatio: (initialRate === null ? undefined : adjustments.get(initialRate)) ?? 1,
      };
    });
  const known = new Set(commodities.map(({ combinedCommodity }) => combinedCommodity));
  const usable = interSpreads.filter(({ legs }) => legs.every(({ combinedCommodity }) => known.has(combinedCommodity)));
  return { ...head, commodities, interSpreads: wanted === undefined ? interSpreads : usable, contracts };
}

function productKey(exchange: string, productId: string, productType: string): string {
  return `${exchange}/${productId}/${productType}`;
}
