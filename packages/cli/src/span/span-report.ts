import { groupDigits } from "@plimsoll/calls";
import type { SpanResult } from "@plimsoll/risk";
import { requirementText, valueText } from "@plimsoll/schema";
import type { SpanFile } from "@plimsoll/span-files";
import * as z from "zod";
import { table } from "../output/table.ts";
import type { Paint } from "../output/terminal.ts";

/** The file of positions to margin on a risk parameter file. */
export const spanPositions = z.strictObject({
  positions: z
    .array(z.strictObject({ contract_id: z.string().min(1).max(200), quantity: z.number().min(-1e12).max(1e12) }))
    .max(10_000),
});

/**
 * The JSON object that `plimsoll span margin --json` prints. Amounts are in the currency beside them and not converted.
 */
export const spanReport = z.strictObject({
  schema_version: z.literal(1),
  business_date: z.string(),
  clearing_organisation: z.string(),
  commodities: z.array(
    z.strictObject({
      combined_commodity: z.string(),
      currency: z.string(),
      scan_risk: z.number(),
      active_scenario: z.number(),
      intra_charge: z.number(),
      delivery_charge: z.number(),
      inter_credit: z.number(),
      short_option_minimum: z.number(),
      net_option_value: z.number(),
      total_maintenance: z.number(),
      total_initial: z.number(),
    }),
  ),
  currencies: z.array(z.strictObject({ currency: z.string(), maintenance: z.number(), initial: z.number() })),
});
export type SpanReport = z.infer<typeof spanReport>;

export function reportSpan(file: SpanFile, result: SpanResult): SpanReport {
  return spanReport.parse({
    schema_version: 1,
    business_date: file.businessDate,
    clearing_organisation: file.clearingOrganisation,
    commodities: result.commodities.map((commodity) => ({
      combined_commodity: commodity.combinedCommodity,
      currency: commodity.currency,
      scan_risk: commodity.scanRisk,
      active_scenario: commodity.activeScenario,
      intra_charge: commodity.intraCharge,
      delivery_charge: commodity.deliveryCharge,
      inter_credit: commodity.interCredit,
      short_option_minimum: commodity.shortOptionMinimum,
      net_option_value: commodity.netOptionValue,
      total_maintenance: commodity.totalMaintenance,
      total_initial: commodity.totalInitial,
    })),
    currencies: result.currencies.map(({ currency, totalMaintenance, totalInitial }) => ({
      currency,
      maintenance: totalMaintenance,
      initial: totalInitial,
    })),
  });
}

export function spanText(report: SpanReport, paint: Paint): string {
  const owed = (amount: number, currency: string) => groupDigits(requirementText(amount, currency));
  const credited = (amount: number, currency: string) => groupDigits(valueText(amount, currency));
  const parts = table(
    [
      { head: "Combined commodity" },
      { head: "" },
      ...["scan risk", "scenario", "calendar", "delivery", "credit", "short minimum", "option value", "initial"].map(
        (head) => ({ head, align: "right" as const }),
      ),
    ],
    report.commodities.map((row) => [
      row.combined_commodity,
      row.currency,
      owed(row.scan_risk, row.currency),
      String(row.active_scenario),
      owed(row.intra_charge, row.currency),
      owed(row.delivery_charge, row.currency),
      credited(row.inter_credit, row.currency),
      owed(row.short_option_minimum, row.currency),
      credited(row.net_option_value, row.currency),
      owed(row.total_initial, row.currency),
    ]),
    paint,
  );
  const totals = report.currencies.map(
    ({ currency, initial, maintenance }) =>
      `  ${paint.bold(`Initial margin ${owed(initial, currency)} ${currency}`)}, maintenance ${owed(maintenance, currency)} ${currency}`,
  );
  const heading = `  Risk parameters of ${report.clearing_organisation}, ${report.business_date}`;
  return `${[heading, parts, ...totals].join("\n\n")}\n`;
}
