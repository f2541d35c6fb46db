import { decimalLengthLimit, pricePlaces } from "@plimsoll/schema";

const numberPattern = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * Returns the exact decimal of a number as files print it (`5e-05`, `1.50`, `+3`), in the form of the wire format. That
 * form has no exponent, no leading plus and no trailing zeros. Returns undefined when the text is not a finite number
 * or is longer than the wire format allows. `shift` moves the decimal point to the right, so -2 turns percent into a
 * fraction without rounding. A number with more decimals than `places` is rounded to the nearest, a half away from
 * zero.
 */
export function decimalText(text: string, shift = 0, places: number = pricePlaces): string | undefined {
  const trimmed = text.trim();
  if (trimmed.length > decimalLengthLimit) return undefined;
  const match = numberPattern.exec(trimmed);
  if (!match) return undefined;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const point = whole.length + Number(exponent) + shift;
  const digits = `${whole}${fraction}`;
  const padded = point < 0 ? "0".repeat(-point) + digits : digits.padEnd(point, "0");
  const at = Math.max(point, 0);
  return write(sign === "-", padded.slice(0, at), padded.slice(at), places);
}

/**
 * Returns the decimal of a double, rounded to a number of decimals. It serves figures that are computed, not reported.
 */
export function roundedDecimal(value: number, decimals: number): string {
  const text = decimalText(value.toFixed(decimals));
  if (text === undefined) throw new RangeError(`${value} cannot be written as a decimal with ${decimals} decimals`);
  return text;
}

function write(negative: boolean, whole: string, fraction: string, places: number): string {
  let scaled = BigInt(`${whole}${fraction.slice(0, places).padEnd(places, "0")}`);
  if ((fraction[places] ?? "0") >= "5") scaled += 1n;
  const digits = scaled.toString().padStart(places + 1, "0");
  const decimals = digits.slice(-places).replace(/0+$/, "");
  const body = decimals === "" ? digits.slice(0, -places) : `${digits.slice(0, -places)}.${decimals}`;
  return negative && scaled !== 0n ? `-${body}` : body;
}
