import type { ReferenceDay, ResponsivenessCard } from "@plimsoll/risk";
import * as z from "zod";
import { fromWire, toWire } from "./wire.ts";

const date = z.iso.date();
const share = z.number().min(0).nullable();

const referenceDay = z.strictObject({
  date,
  parameters_version: z.string(),
  requirements: z.array(z.strictObject({ name: z.string(), requirement: share })),
});

/** The procyclicality card as it is stored and as the API returns it. Requirements are fractions of the index price. */
export const responsivenessCard = z.strictObject({
  from_date: date,
  to_date: date,
  days_measured: z.int().min(1),
  days_missing: z.int().min(0),
  parameters_versions: z.array(z.string()),
  portfolios: z.array(
    z.strictObject({
      name: z.string(),
      requirement: share,
      average_requirement: share,
      peak_to_trough: share,
      increases: z.array(z.strictObject({ days: z.int().min(1), greatest: share, limit: z.number().positive() })),
    }),
  ),
  /** `days` is 0 for the peak-to-trough measure. */
  breaches: z.array(
    z.strictObject({ name: z.string(), days: z.int().min(0), value: z.number(), limit: z.number().positive() }),
  ),
});
export type ResponsivenessCardWire = z.infer<typeof responsivenessCard>;

export function encodeReferenceDay(value: ReferenceDay): unknown {
  return referenceDay.parse(toWire(value));
}

/** Parses a stored day; throws a ZodError when it is not one. */
export function decodeReferenceDay(wire: unknown): ReferenceDay {
  return fromWire(referenceDay.parse(wire));
}

export function encodeCard(value: ResponsivenessCard): ResponsivenessCardWire {
  return responsivenessCard.parse(toWire(value));
}
