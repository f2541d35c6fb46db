/**
 * Returns the sum of decimal quantities, whatever their order and however they were split. Doubles of decimals do not
 * add up as the decimals do (0.1 + 0.2 is not 0.3). So the sum is taken in ascending order and rounded at the 15th
 * significant digit of the gross amount. This is exact for quantities of up to 15 digits.
 */
export function netAmount(amounts: readonly number[]): number {
  if (amounts.length <= 1) return amounts[0] ?? 0;
  let gross = 0;
  let net = 0;
  for (const amount of [...amounts].sort((a, b) => a - b)) {
    gross += Math.abs(amount);
    net += amount;
  }
  if (gross === 0) return 0;
  const exponent = Number(gross.toExponential().split("e")[1]);
  const decimals = Math.min(100, Math.max(0, 14 - exponent));
  return Number(net.toFixed(decimals));
}
