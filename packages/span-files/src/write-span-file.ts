import { escaped } from "@plimsoll/files";
import type {
  SpanCommodityParameters,
  SpanGrid,
  SpanInterSpread,
  SpanIntraSpread,
  SpanSpreadLeg,
  SpanTier,
} from "@plimsoll/risk";
import { amountDecimals } from "@plimsoll/schema";
import { ownAliasType } from "./read-contracts.ts";
import {
  type ProductElement,
  productElements,
  type SpanFile,
  type SpanFileContract,
  SpanFileError,
} from "./span-file.ts";

const exchangeName = "PLIMSOLL";
const accountType = "N";
/** The period of a contract that has none, as files write it for physicals. */
const noPeriod = "00000000";
/** How many characters are collected before they are yielded. Streams are slow on many small pieces. */
const pieceLength = 1 << 16;
const elements = Object.keys(productElements) as ProductElement[];

/**
 * Writes arrays and parameters as a SPAN risk parameter file in XML, piece by piece. It writes the elements that CME's
 * public schema asks for, in the schema's order (docs/sources.md, SPAN: parameter files). Numbers have the fewest
 * digits that read back to the same double, and each contract keeps its id as an alias. So reading the file gives the
 * same margin to the last bit. Currency codes are written as they are, even if they are longer than the schema's three
 * letters.
 */
export function* writeSpanFile(file: SpanFile, createdAt: string): Generator<string> {
  let piece = "";
  for (const part of parts(file, createdAt)) {
    piece += part;
    if (piece.length < pieceLength) continue;
    yield piece;
    piece = "";
  }
  yield piece;
}

function* parts(file: SpanFile, createdAt: string): Generator<string> {
  const products = groupProducts([...file.contracts.values()]);
  yield `<?xml version="1.0"?>\n<spanFile>\n`;
  yield leaf("fileFormat", "4.00") + leaf("created", createdAt);
  yield definitions(file);
  yield `<pointInTime>\n`;
  yield leaf("date", file.businessDate) + leaf("isSetl", file.isSettlement ? "1" : "0");
  yield `<clearingOrg>\n`;
  yield leaf("ec", file.clearingOrganisation) + leaf("name", file.clearingOrganisation) + leaf("isContractScale", "1");
  yield leaf("finalizeMeth", "BY");
  yield rateDefinition("1", "1") + rateDefinition("2", "0");
  yield pointDefinition(file.grid);
  yield* exchanges(products, file.grid);
  for (const commodity of file.commodities) yield commodityDefinition(commodity, products);
  const { superSpreads = [], others = [] } = Object.groupBy(file.interSpreads, ({ isSuper }) =>
    isSuper ? "superSpreads" : "others",
  );
  yield interSpreads("superSpreads", superSpreads) + interSpreads("interSpreads", others);
  yield `</clearingOrg>\n</pointInTime>\n</spanFile>\n`;
}

/** Returns the currencies of the file and the one account type. */
function definitions({ commodities }: SpanFile): string {
  const currencies = [...new Set(commodities.map(({ currency }) => currency))].map((currency) =>
    element(
      "currencyDef",
      leaf("currency", currency) +
        leaf("symbol", currency) +
        leaf("name", currency) +
        leaf("decimalPos", String(amountDecimals(currency))),
    ),
  );
  const account =
    leaf("isCust", "1") + leaf("acctType", accountType) + leaf("isNetMargin", "1") + leaf("priority", "1");
  return element("definitions", currencies.join("") + element("acctTypeDef", account));
}

/** Returns the row that makes a rate id the maintenance one of the account type, or the initial one. */
function rateDefinition(rateId: string, isMaintenance: "0" | "1"): string {
  return element(
    "pbRateDef",
    leaf("r", rateId) +
      leaf("isCust", "1") +
      leaf("acctType", accountType) +
      leaf("isM", isMaintenance) +
      leaf("pbc", "CORE"),
  );
}

/** The contracts of one product family. */
interface Product {
  readonly id: string;
  /**
   * The id of the family of the underlying, which has no arrays and belongs to no combined commodity. Null for
   * physicals.
   */
  readonly underlyingId: string | null;
  readonly element: ProductElement;
  readonly exchange: string;
  readonly code: string;
  readonly combinedCommodity: string;
  readonly currency: string;
  readonly isPremiumStyle: boolean;
  readonly contracts: SpanFileContract[];
}

/** Groups contracts by family. Adds the families of the underlyings that futures and options have to name. */
function groupProducts(contracts: readonly SpanFileContract[]): Product[] {
  const products = new Map<string, Product>();
  const nextId = () => String(products.size + 1);
  const underlyingOf = (contract: SpanFileContract, exchange: string): string => {
    const { combinedCommodity, currency } = contract;
    const key = `${exchange}/${combinedCommodity}`;
    const known = products.get(key) ?? {
      ...{ id: nextId(), underlyingId: null, element: "phyPf" as const, exchange, code: combinedCommodity },
      ...{ combinedCommodity, currency, isPremiumStyle: false, contracts: [] },
    };
    products.set(key, known);
    return known.id;
  };
  for (const contract of contracts) {
    const { combinedCommodity, currency, productCode: code, productType } = contract;
    const isPremiumStyle = contract.kind === "option" && contract.optionValue !== 0;
    const exchange = contract.exchange === "" ? exchangeName : contract.exchange;
    const key = `${exchange}/${combinedCommodity}/${productType}/${code}/${isPremiumStyle}`;
    const product = products.get(key);
    if (product !== undefined) {
      product.contracts.push(contract);
      continue;
    }
    const underlyingId = contract.kind === "physical" ? null : underlyingOf(contract, exchange);
    const name = elements.find((entry) => productElements[entry] === productType) ?? "phyPf";
    products.set(key, {
      ...{ id: nextId(), underlyingId, element: name, exchange, code },
      ...{ combinedCommodity, currency, isPremiumStyle, contracts: [contract] },
    });
  }
  return [...products.values()].sort((a, b) => elements.indexOf(a.element) - elements.indexOf(b.element));
}

function* exchanges(products: readonly Product[], grid: SpanGrid): Generator<string> {
  for (const exchange of new Set(products.map((product) => product.exchange))) {
    yield `<exchange>\n${leaf("exch", exchange)}`;
    for (const product of products) if (product.exchange === exchange) yield* family(product, grid);
    yield `</exchange>\n`;
  }
}

function* family(product: Product, grid: SpanGrid): Generator<string> {
  const { element: name, contracts } = product;
  const isOptions = contracts[0]?.kind === "option";
  yield `<${name}>\n`;
  yield leaf("pfId", product.id) + leaf("pfCode", product.code) + leaf("currency", product.currency);
  if (isOptions) yield leaf("cab", "0");
  yield leaf("valueMeth", product.isPremiumStyle ? "EQTY" : "FUT");
  if (isOptions) yield leaf("priceModel", "BS");
  if (name === "equityPf") yield leaf("country", "");
  yield underlyingFamily(product);
  if (contracts.length === 0) yield element("phy", leaf("cId", "1") + leaf("pe", noPeriod));
  else if (isOptions) yield* optionSeries(product, grid);
  else for (const [index, contract] of contracts.entries()) yield futureOrSpot(product, contract, index + 1, grid);
  yield `</${name}>\n`;
}

/** Returns the element that names the family of the underlying, at a ratio of one to one. */
function underlyingFamily({ exchange, underlyingId }: Product): string {
  if (underlyingId === null) return "";
  return element("undPf", leaf("exch", exchange) + leaf("pfId", underlyingId) + leaf("s", "B") + leaf("i", "1"));
}

/** Returns the element that names the contract that is the underlying, at a ratio of one to one. */
function underlyingContract({ exchange, underlyingId }: Product): string {
  if (underlyingId === null) return "";
  const of = leaf("exch", exchange) + leaf("pfId", underlyingId) + leaf("cId", "1");
  return element("undC", of + leaf("s", "B") + leaf("i", "1"));
}

function futureOrSpot(product: Product, contract: SpanFileContract, id: number, grid: SpanGrid): string {
  const name = contract.productType === "FUT" ? "fut" : contract.productType === "EQTY" ? "equity" : "phy";
  return element(
    name,
    contractNames(contract, id) +
      (name === "equity" ? leaf("isin", "") : "") +
      leaf("pe", contract.period) +
      figures(contract) +
      underlyingContract(product) +
      riskArray(contract, grid),
  );
}

function* optionSeries(product: Product, grid: SpanGrid): Generator<string> {
  let id = 0;
  for (const [period, series] of Map.groupBy(product.contracts, (contract) => contract.period)) {
    yield `<series>\n${leaf("pe", period)}${leaf("sc", "1")}${underlyingContract(product)}`;
    for (const contract of series) {
      id += 1;
      const right = leaf("o", contract.optionType === "call" ? "C" : "P") + leaf("k", number(contract.strike ?? 0));
      yield element("opt", contractNames(contract, id) + right + figures(contract) + riskArray(contract, grid));
    }
    yield `</series>\n`;
  }
}

function contractNames({ contractId }: SpanFileContract, id: number): string {
  return leaf("cId", String(id)) + element("alias", leaf("aType", ownAliasType) + leaf("aVal", contractId));
}

function figures(contract: SpanFileContract): string {
  return (
    leaf("p", number(contract.price)) +
    leaf("cvf", number(contract.contractValueFactor)) +
    (contract.kind === "option" ? leaf("val", number(contract.optionValue)) : "") +
    leaf("sc", number(contract.deltaScale))
  );
}

function riskArray({ contractId, losses, compositeDelta }: SpanFileContract, { scenarios }: SpanGrid): string {
  if (losses.length !== scenarios.length) {
    throw new SpanFileError(
      `${contractId} has ${losses.length} array values; the grid has ${scenarios.length} scenarios`,
    );
  }
  const values = Array.from(losses, (loss) => leaf("a", number(loss))).join("");
  return element("ra", leaf("r", "1") + values + leaf("d", number(compositeDelta)));
}

function pointDefinition(grid: SpanGrid): string {
  const scan = grid.scenarios.map(({ number: point, priceFraction, volatilityFraction, weight, pairedNumber }) =>
    element(
      "scanPointDef",
      leaf("point", String(point)) +
        move("priceScanDef", priceFraction) +
        move("volScanDef", volatilityFraction) +
        leaf("weight", number(weight)) +
        leaf("pairedPoint", String(pairedNumber ?? 0)),
    ),
  );
  const delta = grid.deltaPoints.map(({ priceFraction, weight }, index) =>
    element(
      "deltaPointDef",
      leaf("point", String(index + 1)) +
        move("priceScanDef", priceFraction) +
        move("volScanDef", 0) +
        leaf("weight", number(weight)),
    ),
  );
  return element("pointDef", leaf("r", "1") + scan.join("") + delta.join(""));
}

/**
 * Writes a multiple of one third as a fraction and any other number as its own multiple, so that files stay readable.
 */
function move(name: string, fraction: number): string {
  const thirds = Math.round(fraction * 3);
  const isThird = thirds / 3 === fraction;
  return element(
    name,
    leaf("mult", isThird ? "1" : number(fraction)) +
      leaf("numerator", isThird ? String(thirds) : "1") +
      leaf("denominator", isThird ? "3" : "1"),
  );
}

function commodityDefinition(commodity: SpanCommodityParameters, products: readonly Product[]): string {
  const name = commodity.combinedCommodity;
  const methods = { normal: "NORMAL", scan_range: "SCANRANGE", scan_range_cap: "SCANRANGE_CAP" } as const;
  const links = products
    .filter((product) => product.combinedCommodity === name && product.contracts.length > 0)
    .map((product) =>
      element(
        "pfLink",
        leaf("exch", product.exchange) +
          leaf("pfId", product.id) +
          leaf("pfCode", product.code) +
          leaf("pfType", productElements[product.element]) +
          leaf("sc", "1"),
      ),
    );
  const scanTier = element(
    "tier",
    leaf("tn", "0") + element("scanRate", leaf("r", "1") + leaf("priceScan", number(commodity.priceScanRange))),
  );
  return element(
    "ccDef",
    leaf("cc", name) +
      leaf("currency", commodity.currency) +
      leaf("capAnov", commodity.limitNetOptionValue ? "1" : "0") +
      leaf("wfprMeth", methods[commodity.weightedPriceRiskMethod]) +
      leaf("somMeth", commodity.shortOptionMinimumMethod === "gross" ? "GROSS" : "MAX") +
      links.join("") +
      element("adjRate", leaf("r", "1") + leaf("baseR", "1") + leaf("val", "1")) +
      element(
        "adjRate",
        leaf("r", "2") + leaf("baseR", "1") + leaf("val", number(commodity.initialToMaintenanceRatio)),
      ) +
      element("scanTiers", scanTier) +
      element("somTiers", element("tier", leaf("tn", "0") + rate(commodity.shortOptionMinimumRate))) +
      tiers("intraTiers", commodity.intraTiers) +
      tiers("interTiers", commodity.interTiers) +
      commodity.intraSpreads.map(intraSpread).join("") +
      commodity.deliveryRates
        .map(({ period, ratePerSpreadDelta, ratePerOutrightDelta }) =>
          element(
            "spotRate",
            leaf("r", "1") +
              leaf("pe", period) +
              leaf("sprd", number(ratePerSpreadDelta)) +
              leaf("outr", number(ratePerOutrightDelta)),
          ),
        )
        .join(""),
  );
}

function tiers(name: string, entries: readonly SpanTier[]): string {
  if (entries.length === 0) return "";
  const inner = entries.map(({ tier, firstPeriod, lastPeriod }) =>
    element("tier", leaf("tn", String(tier)) + leaf("sPe", firstPeriod) + leaf("ePe", lastPeriod)),
  );
  return element(name, inner.join(""));
}

function intraSpread({ priority, chargeMethod, charge, legs }: SpanIntraSpread): string {
  return element(
    "dSpread",
    leaf("spread", number(priority)) +
      leaf("chargeMeth", chargeMethod === "flat" ? "F" : "W") +
      rate(charge) +
      legs.map(deltaLeg).join(""),
  );
}

/**
 * Returns the spreads between commodities, or nothing if there are none. Super spreads have a container of their own.
 */
function interSpreads(name: "superSpreads" | "interSpreads", spreads: readonly SpanInterSpread[]): string {
  return spreads.length === 0 ? "" : element(name, spreads.map(interSpread).join(""));
}

function interSpread({ priority, method, creditRate, legs }: SpanInterSpread): string {
  const head = leaf("spread", number(priority));
  if (method === "scanning") {
    const rows = legs.map(({ combinedCommodity }) =>
      element("sLeg", leaf("cc", combinedCommodity) + leaf("isTarget", "0")),
    );
    return element("sSpread", head + rate(creditRate) + rows.join(""));
  }
  const charge = leaf("chargeMeth", method === "flat" ? "F" : "W");
  return element("dSpread", head + charge + rate(creditRate) + legs.map(deltaLeg).join(""));
}

function deltaLeg({ combinedCommodity, tier, period, deltaPerSpread, side }: SpanSpreadLeg): string {
  const target = period === null ? leaf("tn", String(tier)) : leaf("pe", period);
  const inner = leaf("cc", combinedCommodity) + target + leaf("rs", side) + leaf("i", number(deltaPerSpread));
  return element(period === null ? "tLeg" : "pLeg", inner);
}

function rate(value: number): string {
  return element("rate", leaf("r", "1") + leaf("val", number(value)));
}

function element(name: string, inner: string): string {
  return `<${name}>\n${inner}</${name}>\n`;
}

function leaf(name: string, text: string): string {
  return `<${name}>${escaped(text)}</${name}>\n`;
}

/**
 * Returns the shortest decimal that reads back to the same double. It writes -0 as 0, since other readers may not know
 * -0.
 */
function number(value: number): string {
  if (!Number.isFinite(value)) throw new SpanFileError(`A figure to be written is ${value}; it must be finite`);
  return String(value === 0 ? 0 : value);
}
