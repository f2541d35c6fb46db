import { type CallContext, computeCure, type StatedMargin, type StatedRung } from "@plimsoll/calls";
import { defaultParameters, type Severity } from "@plimsoll/risk";

/** The time of the calls: 5 February 2026, 15:51:32 UTC. */
export const calledAtMs = Date.UTC(2026, 1, 5, 15, 51, 32);

/** An account below its initial margin, as a message shows it. */
export const statedMargin: StatedMargin = {
  snapshotId: "20260205T155132000Z-0123456789ab",
  parametersVersion: "default-1",
  methodId: "portfolio",
  methodVersion: "portfolio-2-0123456789ab",
  poolCurrency: "USDC",
  ledgerSequence: 7,
  equity: "18420.00",
  marginBalance: "18300.50",
  initialMarginBalance: "18300.50",
  initialMargin: "19430.25",
  maintenanceMargin: "15544.20",
  availableFunds: "-1129.75",
  marginRatio: "0.849387",
  marginHeadroom: "2756.30",
  projectedInitialMargin: null,
  notProjected: null,
  components: [
    { name: "scan_risk", underlying: "BTC", amount: "18000.25" },
    { name: "calendar_charge", underlying: "BTC", amount: "1430.00" },
  ],
  units: [
    {
      underlying: "BTC",
      quality: "good",
      worstScenario: { scenarioId: "-0.16:up", label: "BTC −16 %, vol up", loss: "18000.25" },
    },
    {
      underlying: "ETH",
      quality: "good",
      worstScenario: { scenarioId: "0.18:up", label: "ETH +18 %, vol up", loss: "700.00" },
    },
  ],
};

export const ladder: readonly StatedRung[] = [
  {
    underlying: "BTC",
    direction: "up",
    severity: "REDUCE_ONLY",
    price: null,
    distancePct: null,
    reason: "not_reached_in_range",
  },
  {
    underlying: "BTC",
    direction: "down",
    severity: "MARGIN_CALL",
    price: null,
    distancePct: null,
    reason: "already_at_or_beyond",
  },
  {
    underlying: "BTC",
    direction: "down",
    severity: "REDUCE_ONLY",
    price: "61300.00",
    distancePct: "-4.10",
    reason: null,
  },
  {
    underlying: "BTC",
    direction: "down",
    severity: "LIQUIDATION",
    price: "60012.75",
    distancePct: "-6.11",
    reason: null,
  },
  { underlying: "ETH", direction: "up", severity: "BANKRUPT", price: "3100.50", distancePct: "55.00", reason: null },
];

/**
 * Returns the context of a change to a severity. Its cure is the one that the shipped parameters ask for at that
 * severity.
 */
export function callContext(severity: Severity, over: Partial<CallContext> = {}): CallContext {
  const margin = over.margin ?? statedMargin;
  return {
    accountId: "8841",
    poolId: "cross",
    environment: "live",
    occurredAtMs: calledAtMs,
    asOfMs: calledAtMs,
    priceAgeMs: 3_000,
    priceQuality: "good",
    engineVersion: "test",
    margin,
    ladder,
    ...computeCure(margin, severity, defaultParameters.severity),
    graceMs: null,
    ...over,
  };
}
