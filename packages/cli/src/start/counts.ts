/** Writes a whole number with commas between its thousands. */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}
