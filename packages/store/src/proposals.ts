import {
  decodeControls,
  decodeProposal,
  encodeControls,
  encodeProposal,
  type ParameterControls,
  type Proposal,
} from "@plimsoll/schema";
import { keys } from "./keys.ts";
import { pack, unpack } from "./packed.ts";
import { expiryOf, proposalDays } from "./retention.ts";
import { findItem, type Item, putItem, queryItems, type Table, updateItem } from "./table.ts";

export interface StoredProposal extends Proposal {
  /** Whether the operators were told of it. */
  readonly isAnnounced: boolean;
}

/**
 * Stores a proposal and returns the one stored under its id. The first one stays, even if a repeated tick computed
 * another.
 */
export async function saveProposal(market: Table, proposal: Proposal, nowMs: number): Promise<StoredProposal> {
  const outcome = await putItem(
    market,
    {
      ...keys.proposal(proposal.proposalId),
      data: pack(encodeProposal(proposal)),
      ttl: expiryOf(nowMs, proposalDays),
    },
    { expression: "attribute_not_exists(pk)" },
  );
  if (outcome.written || outcome.existing === undefined) return { ...proposal, isAnnounced: false };
  return readProposal(outcome.existing);
}

export async function findProposal(market: Table, proposalId: string): Promise<StoredProposal | undefined> {
  const item = await findItem(market, keys.proposal(proposalId));
  return item && readProposal(item);
}

/** Loads the newest proposals, newest first, or all of them if no limit is given. */
export async function loadProposals(market: Table, limit?: number): Promise<readonly StoredProposal[]> {
  const range = { pk: keys.proposal("").pk, newestFirst: true, ...(limit !== undefined && { limit }) };
  return (await queryItems(market, range)).map(readProposal);
}

/** Notes that the operators were told of a proposal, so that a repeated tick does not tell them again. */
export async function markAnnounced(market: Table, proposalId: string, nowMs: number): Promise<void> {
  await updateItem(market, keys.proposal(proposalId), {
    expression: "SET announced_at_ms = :now",
    values: { ":now": nowMs },
    condition: "attribute_exists(pk)",
  });
}

function readProposal(item: Item): StoredProposal {
  return { ...decodeProposal(unpack(item.data)), isAnnounced: item.announced_at_ms !== undefined };
}

/** Finds the controls that the operators set last, or undefined if they set none. */
export async function findControls(
  market: Table,
): Promise<{ readonly sequence: number; readonly controls: ParameterControls } | undefined> {
  const [newest] = await queryItems(market, { pk: keys.controls(0).pk, newestFirst: true, limit: 1 });
  return newest && { sequence: Number(newest.sk), controls: decodeControls(unpack(newest.data)) };
}

/**
 * Saves controls after those with the given sequence (0 for none). Returns false if other controls were saved since.
 */
export async function saveControls(
  market: Table,
  controls: ParameterControls,
  after: number,
  setBy: string,
  nowMs: number,
): Promise<boolean> {
  const outcome = await putItem(
    market,
    { ...keys.controls(after + 1), data: pack(encodeControls(controls)), set_by: setBy, set_at_ms: nowMs },
    { expression: "attribute_not_exists(pk)" },
  );
  return outcome.written;
}
