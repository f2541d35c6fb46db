import type { NumberField, NumberMove } from "./follow-number.ts";

/**
 * Bounds of one number. Only an operator may set it beyond them. The subject `*` stands for all subjects that are not
 * named.
 */
export interface ActivationBound {
  readonly subject: string;
  readonly field: NumberField;
  readonly minimum: number;
  readonly maximum: number;
}

/** The operator's limits of what may be activated without approval. */
export interface ActivationLimits {
  /** If false, changes are only proposed. */
  readonly automatic: boolean;
  /** Greatest relative rise of a number in one activation. */
  readonly maximumIncrease: number;
  readonly maximumDecrease: number;
  readonly bounds: readonly ActivationBound[];
}

/**
 * Lists in words why a proposal may not be activated automatically; the list is empty if it may. Without limits nothing
 * may be activated, and a number without bounds may not move.
 */
export function checkActivation(moves: readonly NumberMove[], limits: ActivationLimits | null): readonly string[] {
  if (limits === null) return ["the operator has set no limits: parameters are only proposed"];
  if (!limits.automatic) return ["automatic activation is off in the operator's limits"];
  return moves
    .filter(({ from, to }) => from !== to)
    .flatMap(({ subject, field, from, to }) => {
      const name = `${subject} ${field}`;
      const breaches: string[] = [];
      const allowed = to > from ? from * (1 + limits.maximumIncrease) : from * (1 - limits.maximumDecrease);
      // This allows for rounding: 0.12 x 1.5 is not exactly 0.18 in doubles.
      const beyond = to > from ? to > allowed * (1 + 1e-9) : to < allowed * (1 - 1e-9);
      if (beyond)
        breaches.push(`${name} from ${from} to ${to}: one activation may go to ${Number(allowed.toFixed(6))}`);
      const bound =
        limits.bounds.find((candidate) => candidate.subject === subject && candidate.field === field) ??
        limits.bounds.find((candidate) => candidate.subject === "*" && candidate.field === field);
      if (bound === undefined) breaches.push(`${name} to ${to}: the operator has set no bounds for it`);
      else if (to < bound.minimum) breaches.push(`${name} to ${to}: its minimum is ${bound.minimum}`);
      else if (to > bound.maximum) breaches.push(`${name} to ${to}: its maximum is ${bound.maximum}`);
      return breaches;
    });
}
