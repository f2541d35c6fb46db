/** A whole number with its thousands apart. */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}
