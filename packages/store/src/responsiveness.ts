import type { ReferenceDay, ResponsivenessCard } from "@plimsoll/risk";
import {
  decodeReferenceDay,
  encodeCard,
  encodeReferenceDay,
  type ResponsivenessCardWire,
  responsivenessCard,
} from "@plimsoll/schema";
import { keys } from "./keys.ts";
import { pack, unpack } from "./packed.ts";
import { expiryOf, referenceDays } from "./retention.ts";
import { findItem, putItem, queryItems, type Table } from "./table.ts";

/** Stores the reference portfolios of a day. A stored day is not replaced. */
export async function saveReferenceDay(margin: Table, day: ReferenceDay, nowMs: number): Promise<void> {
  await putItem(
    margin,
    { ...keys.referenceDay(day.date), data: pack(encodeReferenceDay(day)), ttl: expiryOf(nowMs, referenceDays) },
    { expression: "attribute_not_exists(pk)" },
  );
}

/** Loads the newest measured days up to a date, oldest first. */
export async function loadReferenceDays(
  margin: Table,
  toDate: string,
  limit: number,
): Promise<readonly ReferenceDay[]> {
  // Sort keys are DAY#<date>, so the date followed by `~` is above the key of that date and below the next.
  const range = { pk: keys.responsivenessCard.pk, skBefore: `${keys.referenceDay(toDate).sk}~` };
  const items = await queryItems(margin, { ...range, newestFirst: true, limit });
  return items
    .filter(({ sk }) => sk !== keys.responsivenessCard.sk)
    .map((item) => decodeReferenceDay(unpack(item.data)))
    .reverse();
}

/** Replaces the card, unless one of a later day is stored. */
export async function saveCard(margin: Table, card: ResponsivenessCard): Promise<void> {
  await putItem(
    margin,
    { ...keys.responsivenessCard, to_date: card.toDate, data: pack(encodeCard(card)) },
    { expression: "attribute_not_exists(pk) OR to_date <= :to", values: { ":to": card.toDate } },
  );
}

/** Finds the newest card, or undefined before the first. */
export async function findCard(margin: Table): Promise<ResponsivenessCardWire | undefined> {
  const item = await findItem(margin, keys.responsivenessCard);
  return item && responsivenessCard.parse(unpack(item.data));
}
