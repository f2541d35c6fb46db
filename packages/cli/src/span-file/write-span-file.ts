import type {
  SpanCommodityParameters,
  SpanGrid,
  SpanInterSpread,
  SpanIntraSpread,
  SpanSpreadLeg,
  SpanTier,
} from "@plimsoll/risk";
import { ownAliasType } from "./read-span-file.ts";
import {
  type ProductElement,
  productElements,
  type SpanFile,
  type SpanFileContract,
  SpanFileError,
} from "./span-file.ts";

const exchangeName = "PLIMSOLL";
const accountType = "N";
/** Characters handed on at a time: streams are slow on many small pieces. */
const pieceLength = 1 << 16;
const elements = Object.keys(productElements) as ProductElement[];

/**
 * Writes arrays and parameters as a SPAN risk parameter file in XML, piece by piece, with the documented elements
 * (docs/sources.md, SPAN: parameter files). Numbers are written in the fewest digits that read back to the same double,
 * and each contract keeps its id as an alias, so that reading the file gives the same margin to the last bit. Super
 * spreads are refused: no element for them is documented.
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
  yield `<pointInTime>\n`;
  yield leaf("date", file.businessDate) + leaf("isSetl", file.isSettlement ? "1" : "0");
  yield `<clearingOrg>\n`;
  yield leaf("ec", file.clearingOrganisation) + leaf("isContractScale", "1");
  yield element("pbRateDef", leaf("r", "1") + leaf("acctType", accountType) + leaf("isM", "1") + leaf("pbc", "CORE"));
  yield element("pbRateDef", leaf("r", "2") + leaf("acctType", accountType) + leaf("isM", "0") + leaf("pbc", "CORE"));
  yield pointDefinition(file.grid);
  // Commodities before contracts, so that a reader knows early which contracts it need not keep.
  for (const commodity of file.commodities) yield commodityDefinition(commodity, products);
  yield element("interSpreads", file.interSpreads.map(interSpread).join(""));
  yield* exchanges(products, file.grid);
  yield `</clearingOrg>\n</pointInTime>\n</spanFile>\n`;
}

/** Contracts of one product family. */
interface Product {
  readonly id: string;
  readonly element: ProductElement;
  readonly exchange: string;
  readonly code: string;
  readonly combinedCommodity: string;
  readonly currency: string;
  readonly isPremiumStyle: boolean;
  readonly contracts: SpanFileContract[];
}

function groupProducts(contracts: readonly SpanFileContract[]): Product[] {
  const products = new Map<string, Product>();
  for (const contract of contracts) {
    const isPremiumStyle = contract.kind === "option" && contract.optionValue !== 0;
    const exchange = contract.exchange === "" ? exchangeName : contract.exchange;
    const key = `${exchange}/${contract.combinedCommodity}/${contract.productType}/${contract.productCode}/${isPremiumStyle}`;
    const product = products.get(key);
    if (product !== undefined) product.contracts.push(contract);
    else {
      products.set(key, {
        id: String(products.size + 1),
        element: elements.find((name) => productElements[name] === contract.productType) ?? "phyPf",
        exchange,
        code: contract.productCode,
        combinedCommodity: contract.combinedCommodity,
        currency: contract.currency,
        isPremiumStyle,
        contracts: [contract],
      });
    }
  }
  return [...products.values()];
}

function* exchanges(products: readonly Product[], grid: SpanGrid): Generator<string> {
  for (const exchange of new Set(products.map((product) => product.exchange))) {
    yield `<exchange>\n${leaf("exch", exchange)}`;
    for (const product of products) {
      if (product.exchange !== exchange) continue;
      yield `<${product.element}>\n`;
      yield leaf("pfId", product.id) + leaf("pfCode", product.code) + leaf("currency", product.currency);
      yield leaf("valueMeth", product.isPremiumStyle ? "EQTY" : "FUT");
      const isOptions = product.contracts[0]?.kind === "option";
      if (isOptions) yield* optionSeries(product.contracts, grid);
      else for (const contract of product.contracts) yield futureOrSpot(contract, grid);
      yield `</${product.element}>\n`;
    }
    yield `</exchange>\n`;
  }
}

function futureOrSpot(contract: SpanFileContract, grid: SpanGrid): string {
  const name = contract.productType === "FUT" ? "fut" : contract.productType === "EQTY" ? "equity" : "phy";
  return element(name, alias(contract) + leaf("pe", contract.period) + figures(contract, grid));
}

function* optionSeries(contracts: readonly SpanFileContract[], grid: SpanGrid): Generator<string> {
  for (const [period, series] of Map.groupBy(contracts, (contract) => contract.period)) {
    yield `<series>\n${leaf("pe", period)}`;
    for (const contract of series) {
      const right = leaf("o", contract.optionType === "call" ? "C" : "P") + leaf("k", number(contract.strike ?? 0));
      yield element("opt", alias(contract) + right + figures(contract, grid));
    }
    yield `</series>\n`;
  }
}

function alias({ contractId }: SpanFileContract): string {
  return element("alias", leaf("aType", ownAliasType) + leaf("aVal", contractId));
}

function figures(contract: SpanFileContract, grid: SpanGrid): string {
  if (contract.losses.length !== grid.scenarios.length) {
    throw new SpanFileError(
      `${contract.contractId} has ${contract.losses.length} array values; the grid has ${grid.scenarios.length} scenarios`,
    );
  }
  const value = contract.kind === "option" ? leaf("val", number(contract.optionValue)) : "";
  return (
    leaf("p", number(contract.price)) +
    leaf("cvf", number(contract.contractValueFactor)) +
    value +
    leaf("sc", number(contract.deltaScale)) +
    element(
      "ra",
      leaf("r", "1") +
        Array.from(contract.losses, (loss) => leaf("a", number(loss))).join("") +
        leaf("d", number(contract.compositeDelta)),
    )
  );
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
      leaf("point", String(index + 1)) + move("priceScanDef", priceFraction) + leaf("weight", number(weight)),
    ),
  );
  return element("pointDef", scan.join("") + delta.join(""));
}

/** Thirds as a third, anything else as its own multiple, so that files stay readable. */
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
    .filter((product) => product.combinedCommodity === name)
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
      element("adjRate", leaf("r", "1") + leaf("baseR", "1") + leaf("val", "1")) +
      element(
        "adjRate",
        leaf("r", "2") + leaf("baseR", "1") + leaf("val", number(commodity.initialToMaintenanceRatio)),
      ) +
      links.join("") +
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

function interSpread(spread: SpanInterSpread): string {
  if (spread.isSuper) {
    throw new SpanFileError(
      `Inter-commodity spread ${spread.priority} is a super spread; no element for it is documented`,
    );
  }
  const head = leaf("spread", number(spread.priority));
  if (spread.method === "scanning") {
    const legs = spread.legs.map(({ combinedCommodity }) => element("sLeg", leaf("cc", combinedCommodity)));
    return element("sSpread", head + rate(spread.creditRate) + legs.join(""));
  }
  return element(
    "dSpread",
    head +
      leaf("chargeMeth", spread.method === "flat" ? "F" : "W") +
      rate(spread.creditRate) +
      spread.legs.map(deltaLeg).join(""),
  );
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
  return `<${name}>${escapeText(text)}</${name}>\n`;
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Shortest decimal that reads back to the same double; -0 as 0, for other readers' sake. */
function number(value: number): string {
  if (!Number.isFinite(value)) throw new SpanFileError(`A figure to be written is ${value}; it must be finite`);
  return String(value === 0 ? 0 : value);
}
