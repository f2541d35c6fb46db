import {
  checkSpanCommodity,
  checkSpanInterSpread,
  type SpanCommodityParameters,
  type SpanGrid,
  type SpanInterSpread,
} from "@plimsoll/risk";
import { errorText } from "@plimsoll/schema";
import { type ContractChoice, ContractReader, ProductOwners } from "./read-contracts.ts";
import {
  type ProductLink,
  type RateIds,
  readCommodity,
  readGrid,
  readInterSpread,
  readLinks,
  readSpreadCommodities,
} from "./read-parameters.ts";
import { type ReadSpanFile, type SpanFileContract, SpanFileError, type SpanFileFault } from "./span-file.ts";
import { readSpanFileText } from "./span-file-text.ts";
import { booleanField, faultIn, numberField, readXmlElements, textField, type XmlElement } from "./xml-elements.ts";

export interface ReadSpanFileOptions extends ContractChoice {
  /**
   * The account type whose initial rate applies, such as H, M, S or N in the file's pbRateDef. If absent, the file's
   * first type counts.
   */
  readonly accountType?: string;
}

/** A ccDef with the product families that it owns. */
interface CommodityRow {
  readonly name: string;
  readonly element: XmlElement;
  readonly links: readonly ProductLink[];
}

/** A spread between commodities, with the commodities of its legs. */
interface SpreadRow {
  readonly element: XmlElement;
  readonly combinedCommodities: readonly string[];
}

/**
 * Reads a SPAN risk parameter file in XML (.spn, also gzipped) as a stream. An element is dropped as soon as the
 * figures that margin needs are taken from it. The elements and fields follow CME's public schema (docs/sources.md,
 * SPAN: parameter files). Throws a SpanFileError if the file is not well-formed or lacks something that every margin
 * needs. A commodity or spread that cannot be used becomes a fault of the file, which stops only the margin of its
 * holders.
 */
export async function readSpanFile(path: string, options: ReadSpanFileOptions = {}): Promise<ReadSpanFile> {
  // A file lists commodities after contracts. When only commodities are chosen, a first reading finds out which
  // contracts they own.
  const isChosenByCommodity = options.combinedCommodities !== undefined && options.contractIds === undefined;
  const owners = isChosenByCommodity ? await readOwners(path) : undefined;
  return parseSpanFile(readSpanFileText(path), options, owners);
}

/** Returns the combined commodity of each product of a file. */
async function readOwners(path: string): Promise<ProductOwners<string>> {
  const owners = new ProductOwners<string>();
  await readXmlElements(readSpanFileText(path), (element) => {
    if (element.name === "ccDef") for (const link of readLinks(element)) owners.add(link, textField(element, "cc", ""));
    return element.name === "pfLink";
  });
  return owners;
}

/**
 * The elements that stay among their parent's children until the parent closes. Others are dropped once they are read.
 */
const keptElements = new Set([
  ...["alias", "ra", "scanRate", "scanPointDef", "deltaPointDef", "priceScanDef", "volScanDef"],
  ...["pfLink", "adjRate", "scanTiers", "intraTiers", "interTiers", "somTiers", "tier", "rate", "spotRate"],
  ...["tLeg", "pLeg", "rpLeg", "sLeg", "interSpreads", "superSpreads"],
]);

/**
 * Reads a SPAN risk parameter file from its text in pieces. `owners` holds the product owners that are known
 * beforehand.
 */
export async function parseSpanFile(
  chunks: AsyncIterable<string>,
  options: ReadSpanFileOptions = {},
  owners = new ProductOwners<string>(),
): Promise<ReadSpanFile> {
  let businessDate = "";
  let isSettlement = false;
  let clearingOrganisation = "";
  let grid: SpanGrid | null = null;
  let hasCommodities = false;
  const rateDefinitions: XmlElement[] = [];
  const commodityRows: CommodityRow[] = [];
  const spreadRows: SpreadRow[] = [];
  const contracts = new ContractReader(options, owners);

  await readXmlElements(chunks, (element) => {
    const { name, parent } = element;
    // A business function repeats these elements for agreements between clearing organisations, which are not read.
    const isOfClearingOrg = parent?.name === "clearingOrg";
    switch (name) {
      case "pointDef":
        if (isOfClearingOrg) grid ??= readGrid(element);
        return false;
      case "pbRateDef":
        if (isOfClearingOrg) rateDefinitions.push(element);
        return isOfClearingOrg;
      case "ccDef":
        if (isOfClearingOrg) {
          hasCommodities = true;
          const row = { name: textField(element, "cc", ""), element, links: readLinks(element) };
          const isNeeded = contracts.addCommodity(row.name, row.links);
          if (isNeeded) commodityRows.push(row);
          return isNeeded;
        }
        return false;
      case "dSpread":
      case "sSpread":
        if (parent?.name === "ccDef" || parent?.name === "dSpread") return true;
        if (parent?.parent?.name === "clearingOrg" && /^(inter|super)Spreads$/.test(parent.name)) {
          const combinedCommodities = readSpreadCommodities(element);
          const isNeeded = !combinedCommodities.some((name) => contracts.passedOver.has(name));
          if (isNeeded) spreadRows.push({ element, combinedCommodities });
          return isNeeded;
        }
        return false;
      case "phy":
      case "equity":
      case "fut":
      case "opt":
        contracts.addContract(element);
        return false;
      case "series":
      case "phyPf":
      case "equityPf":
      case "futPf":
      case "oopPf":
      case "oofPf":
      case "ooePf":
      case "oocPf":
        contracts.closeFamily(element);
        return false;
      case "clearingOrg":
        clearingOrganisation = textField(element, "ec", "");
        return true;
      case "pointInTime":
        businessDate = textField(element, "date", "");
        isSettlement = booleanField(element, "isSetl", false);
        return true;
      default:
        return keptElements.has(name);
    }
  });
  if (grid === null) throw new SpanFileError("The file has no <pointDef>: its scenarios are not known");
  if (!hasCommodities) throw new SpanFileError("The file has no <ccDef>: no combined commodity is defined");
  const rates = chooseRates(rateDefinitions, options.accountType);
  const isWanted = (name: string) => options.combinedCommodities?.has(name) ?? true;
  const rows = commodityRows.filter(({ name }) => isWanted(name));
  const linked: LinkedOwners = new ProductOwners();
  for (const row of rows) for (const link of row.links) linked.add(link, { row, link });
  const faults: SpanFileFault[] = [];
  const commodities = readCommodities(rows, contracts, linked, rates, faults);
  const taken = takeContracts(contracts, linked, commodities, grid);
  for (const [key, error] of contracts.faults.byProduct) {
    const owner = linked.find(key);
    if (owner !== undefined) faults.push({ combinedCommodities: [owner.row.name], error });
  }
  return {
    businessDate,
    isSettlement,
    clearingOrganisation,
    grid,
    commodities: [...commodities.values()],
    interSpreads: readInterSpreads(spreadRows, commodities, rates, faults),
    ...taken,
    faults,
    contractFaults: contracts.faults.byId,
    otherContractIds: contracts.otherIds,
  };
}

/**
 * Returns the maintenance and initial rate ids of an account type. isM tells which is which. Only rows of core
 * requirements count.
 */
function chooseRates(definitions: readonly XmlElement[], accountType: string | undefined): RateIds {
  const core = definitions.filter((definition) => textField(definition, "pbc", "CORE") === "CORE");
  const wanted = accountType ?? core[0]?.fields.get("acctType");
  const ours = core.filter((definition) => definition.fields.get("acctType") === wanted);
  if (accountType !== undefined && ours.length === 0) {
    const known = [...new Set(core.map((definition) => definition.fields.get("acctType")))].join(", ");
    throw new SpanFileError(`The file has no account type ${accountType}; it has ${known}`);
  }
  const { true: maintenance = [], false: initial = [] } = Object.groupBy(ours, (definition) =>
    booleanField(definition, "isM") ? "true" : "false",
  );
  return { maintenance: maintenance[0]?.fields.get("r") ?? "1", initial: initial[0]?.fields.get("r") ?? null };
}

type LinkedOwners = ProductOwners<{ readonly row: CommodityRow; readonly link: ProductLink }>;

/** Returns the parameters by combined commodity. A commodity that cannot be used becomes a fault instead. */
function readCommodities(
  rows: readonly CommodityRow[],
  { scanRanges }: ContractReader,
  owners: LinkedOwners,
  rates: RateIds,
  faults: SpanFileFault[],
): Map<string, SpanCommodityParameters> {
  const rangeOf = new Map<string, number>();
  for (const [productKey, range] of scanRanges) {
    const name = owners.find(productKey)?.row.name;
    if (name !== undefined && !rangeOf.has(name)) rangeOf.set(name, range);
  }
  const commodities = new Map<string, SpanCommodityParameters>();
  for (const { name, element, links } of rows) {
    try {
      if (commodities.has(name)) throw faultIn(element, `the combined commodity ${name} is defined twice`);
      const parameters = readCommodity(element, rates, rangeOf.get(name));
      checkSpanCommodity(parameters);
      for (const link of links) scaleOf(link);
      commodities.set(name, parameters);
    } catch (error) {
      faults.push({ combinedCommodities: [name], error: faultOf(element, error) });
    }
  }
  return commodities;
}

/**
 * Returns the spreads between commodities that the file defines. A spread that cannot be used becomes a fault of its
 * legs' commodities.
 */
function readInterSpreads(
  rows: readonly SpreadRow[],
  commodities: ReadonlyMap<string, SpanCommodityParameters>,
  rates: RateIds,
  faults: SpanFileFault[],
): SpanInterSpread[] {
  return rows.flatMap(({ element, combinedCommodities }) => {
    if (!combinedCommodities.every((name) => commodities.has(name))) return [];
    try {
      const spread = readInterSpread(element, rates.maintenance);
      checkSpanInterSpread(spread, commodities);
      return [spread];
    } catch (error) {
      faults.push({ combinedCommodities, error: faultOf(element, error) });
      return [];
    }
  });
}

/**
 * Returns what a check of an element threw, with the element's place. Rethrows anything that is no SpanFileError or
 * RangeError.
 */
function faultOf(element: XmlElement, error: unknown): SpanFileError {
  if (error instanceof SpanFileError) return error;
  if (error instanceof RangeError) return faultIn(element, errorText(error), error);
  throw error;
}

/**
 * Returns the contracts of the commodities that are read. A contract whose arrays cannot be used becomes a fault
 * instead.
 */
function takeContracts(
  { listed, withoutArray, faults }: ContractReader,
  owners: LinkedOwners,
  commodities: ReadonlyMap<string, SpanCommodityParameters>,
  { scenarios }: SpanGrid,
): Pick<ReadSpanFile, "contracts" | "withoutArray" | "moreWithoutArray"> {
  const contracts = new Map<string, SpanFileContract>();
  for (const { line, productKey, losses, ...contract } of listed) {
    const owner = owners.find(productKey);
    if (owner === undefined) continue;
    const { contractId } = contract;
    const before = contracts.get(contractId);
    const fault =
      losses.length !== scenarios.length
        ? `the risk array of ${contractId} has ${losses.length} values; the file has ${scenarios.length} scenarios`
        : before?.losses.some((loss, index) => loss !== losses[index])
          ? `the contract ${contractId} has two risk arrays that differ; leave one of them in the file`
          : null;
    if (fault !== null) {
      faults.add(productKey, contractId, new SpanFileError(`line ${line}: ${fault}`));
      continue;
    }
    // A commodity without parameters is a fault of the file, which stops the margin of its contracts.
    const parameters = commodities.get(owner.row.name);
    contracts.set(contractId, {
      ...contract,
      losses: Float64Array.from(losses),
      combinedCommodity: owner.row.name,
      currency: parameters?.currency ?? "",
      deltaScale: contract.deltaScale * (parameters === undefined ? 1 : scaleOf(owner.link)),
    });
  }
  const ofRead = [...withoutArray].filter(([productKey]) => owners.find(productKey) !== undefined);
  const contractIds = new Set(ofRead.flatMap(([, ofProduct]) => [...ofProduct.contractIds]));
  return {
    contracts,
    withoutArray: [...contractIds].filter((contractId) => !contracts.has(contractId)),
    moreWithoutArray: ofRead.reduce((sum, [, { more }]) => sum + more, 0),
  };
}

/** Returns the scale of the deltas of a family within its combined commodity. */
function scaleOf({ element }: ProductLink): number {
  return numberField(element, "sc", 1);
}
