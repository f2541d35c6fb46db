import { SaxesParser } from "saxes";

/**
 * The children that may stand in each element that our parameter files use, in their order. `?` means at most once, `*`
 * any number and `+` at least one; otherwise exactly once. `(a|b)*` means any order. Taken from CME's public XML schema
 * of SPAN files (revision of 17 July 2014, as `spanrisk.xml` in github.com/marketcalls/marginism, commit 3d3f76a).
 * Elements without a row here have text only.
 */
const contents: Record<string, string> = {
  spanFile: "spanVersion? fileFormat? created? definitions pointInTime+",
  definitions:
    "currencyDef+ acctTypeDef+ acctSubTypeDef* venueDef* tickTypeDef* feeTypeDef* groupTypeDef* calDef* groupDef*",
  currencyDef: "currency symbol name decimalPos",
  acctTypeDef: "isCust acctType name? isNetMargin priority",
  pointInTime: "date isSetl setlQualifier? time? run? clearingOrg+ businessFunction* portfolio*",
  clearingOrg: `ec name isContractScale? isNetMargin? finalizeMeth oopDeltaMeth? capAnov? minIntExDeltaPct? lookAheadYears?
    lookAheadDays? daysPerYear? custUseLov? useLovPct? limitSubAccountOffset? capRiskArray? curConv* pbRateDef* pointDef*
    zeroCurve* hvarMarginParams? cdsMarginParams? exchange+ ccDef* superSpreads? superInterClearSpreads? interSpreads?
    interClearSpreads?`,
  curConv: "fromCur toCur factor hfactor*",
  pbRateDef: "r isCust acctType isM pbc",
  pointDef: "r scanPointDef+ deltaPointDef*",
  scanPointDef: "point priceScanDef volScanDef weight pairedPoint",
  deltaPointDef: "point priceScanDef volScanDef weight",
  priceScanDef: "mult numerator? denominator? defType?",
  volScanDef: "mult numerator? denominator?",
  exchange: `exch name? phyPf* debtPf* equityPf* futPf* fwdPf* IRSwapPf* CDSwapPf* eDebtPf* oopPf* oofPf* ooePf*
    (cmbPf|oocPf)*`,
  ...families(),
  undPf: "exch pfId pfCode? pfType? s i",
  undC: "exch pfId cId s i legPriceFlag? legPrice? type?",
  alias: "aType aVal",
  phy: "cId alias* pe? p? priceType? d? v? volType? cvf? val? sc? haircut? haircutRsv? tick* venue* scanRate* ra*",
  equity: `cId alias* (cusip|isin) pe? p? priceType? d? v? volType? cvf? val? sc? desc? type? subType? divRate? haircut?
    haircutRsv? tick* venue* scanRate* ra*`,
  fut: `cId alias* pe p? priceType? dvas? d? v? volType? cvf? val? sc? setlDate? t? fdot? ldot? fDeliv? lDeliv? undC
    sprCharge? intrRate* tick* venue* scanRate* ra*`,
  series: `pe alias* v? volType? volSrc? setlDate? t? fdot? ldot? seriesSetlMeth? cvf? svf? sc refPriceFlag? refPrice? undC
    intrRate* divRate? tick* venue* scanRate* opt*`,
  opt: "cId alias* o k p pq? priceType? d? v? volType? cvf? svf? val? sc? ra*",
  intrRate: "val rl cpm tm? exm",
  divRate: "val div*",
  scanRate: `r priceScan? priceScanPct? volScan? volScanPct? priceScanDown? priceScanDownPct? volScanDown? volScanDownPct?
    quoteInOptTerms?`,
  ra: "r a+ d",
  ccDef: `cc concScaleUp? name? group* currency riskExponent? contractSize? uomQty? uom? capAnov? procMeth? wfprMeth?
    spotMeth? somMeth? cmbMeth? marginMeth? hvarSetId* fxHvarSetId* custUseLov? useLovPct? vmClass? isCDSScanRisk?
    limitSubAccountOffset? binaryArrays? limitArraysTo16Points? pointDef* pfLink* adjRate* concAdjRate*
    (scanTiers|intraTiers|interTiers|rateTiers|somTiers)* dSpread* spotRate* liqRate* basisRates? vmRate* cdsRate* intrRate*`,
  group: "id aVal",
  pfLink: "exch pfId pfCode? pfType? sc cmbMeth? applyBasisRisk? arrayPrecision? oopDeltaMeth?",
  adjRate: "r baseR val",
  ...Object.fromEntries(
    ["scanTiers", "intraTiers", "interTiers", "rateTiers", "somTiers"].map((name) => [name, "tier+"]),
  ),
  tier: "tn sPe? ePe? tne? tbn? btn? brk? (rate|scanRate)*",
  rate: "r val",
  dSpread: "spread spreadType? chargeMeth (rate|pmpsRate)* (tLeg|pLeg|rpLeg)* volRate? dSpread*",
  tLeg: "cc tn rs i rate*",
  pLeg: "cc pe rs i rate*",
  rpLeg: "cc rpNum rs i btNum? etNum? rate*",
  spotRate: "r pe sprd outr",
  superSpreads: "(dSpread|sSpread)*",
  interSpreads: "(dSpread|sSpread)*",
  sSpread: "spread isTargetReq? numLegsReq? applyFxRisk? apportionRisk? sPointDef* rate+ sLeg+",
  sLeg: "cc isTarget isRequired? i? rate*",
};

/**
 * Returns the product families. All share some fields, futures and physicals share others, options have their own, and
 * contracts come last.
 */
function families(): Record<string, string> {
  const all = "pfId pfCode domain? specs? group* alias* name?";
  const size = "currency contractSize? uomQty? uom? cvf?";
  const rules = "useOTCRounding? positionsAllowed?";
  const others = `${all} ${size} eqPosFactor? notionAmt? priceDl? priceFmt? valueMeth priceMeth? setlMeth? ${rules}`;
  const options = `${all} exercise? ${size} isVariableTick? notionAmt? priceDl? priceFmt? strikeDl? strikeFmt? cab valueMeth
    priceMeth? setlMeth? priceModel ${rules} undPf series*`;
  return {
    phyPf: `${others} phy*`,
    equityPf: `${others} country equity*`,
    futPf: `${others} undPf fut*`,
    ...{ oopPf: options, oofPf: options, ooePf: options, oocPf: options },
  };
}

/** For each element, a pattern of its children's names in a row, each followed by a space. */
const patterns = new Map(
  Object.entries(contents).map(([name, content]) => {
    const steps = content.trim().split(/\s+/);
    const pattern = steps.map((step) => {
      const [, names, count] = /^\(?([\w|]+)\)?([?*+]?)$/.exec(step)!;
      return `(?:(?:${names}) )${count}`;
    });
    return [name, new RegExp(`^${pattern.join("")}$`)];
  }),
);

/**
 * Returns what in a parameter file is missing, out of order or unknown to the schema, one line per element. An empty
 * list means that the file is sound.
 */
export function spanSchemaFaults(text: string): string[] {
  const faults: string[] = [];
  const open: { readonly name: string; readonly children: string[] }[] = [];
  const parser = new SaxesParser({ xmlns: false, position: false });
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name }) => {
    open.at(-1)?.children.push(name);
    open.push({ name, children: [] });
  });
  parser.on("closetag", () => {
    const { name, children } = open.pop()!;
    const isSound = patterns.get(name)?.test(children.map((child) => `${child} `).join("")) ?? children.length === 0;
    if (!isSound) faults.push(`${[...open.map((outer) => outer.name), name].join("/")}: ${children.join(" ")}`);
  });
  parser.write(text).close();
  return [...new Set(faults)];
}
