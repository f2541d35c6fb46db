/** Returns the value, or throws a RangeError that names the field, the value and what it must be. */
export function requireNumber(
  field: string,
  value: number,
  minimum: number = Number.NEGATIVE_INFINITY,
  maximum: number = Number.POSITIVE_INFINITY,
): number {
  if (Number.isFinite(value) && value >= minimum && value <= maximum) return value;
  const lower = minimum === Number.NEGATIVE_INFINITY ? "" : ` of at least ${minimum}`;
  const upper = maximum === Number.POSITIVE_INFINITY ? "" : `${lower === "" ? " of" : " and"} at most ${maximum}`;
  throw new RangeError(`Derive margin: ${field} is ${value}; it must be a finite number${lower}${upper}`);
}

/** Returns a price that is finite and above 0, or throws a RangeError that names the field and the value. */
export function requirePositive(field: string, value: number): number {
  if (Number.isFinite(value) && value > 0) return value;
  throw new RangeError(`Derive margin: ${field} is ${value}; it must be a finite number above 0`);
}

/** Returns a confidence from 0 to 1, where 1 is full trust, or throws a RangeError. */
export function requireConfidence(field: string, value: number): number {
  return requireNumber(field, value, 0, 1);
}
