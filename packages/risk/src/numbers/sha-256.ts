/** Returns the lowest `count` primes. */
function primes(count: number): bigint[] {
  const found: bigint[] = [];
  for (let candidate = 2n; found.length < count; candidate += 1n) {
    if (found.every((prime) => candidate % prime !== 0n)) found.push(candidate);
  }
  return found;
}

/**
 * Returns the first 32 bits of the fraction of the square or cube root of a prime. It finds the root of prime x 2^64 or
 * 2^96 by bisection.
 */
function rootBits(prime: bigint, degree: "square" | "cube"): number {
  const target = prime << (degree === "square" ? 64n : 96n);
  let low = 0n;
  let high = 1n << 40n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle * middle * (degree === "square" ? 1n : middle) <= target) low = middle;
    else high = middle;
  }
  return Number(low & 0xffffffffn);
}

const roundConstants = Uint32Array.from(primes(64), (prime) => rootBits(prime, "cube"));
const firstState = Uint32Array.from(primes(8), (prime) => rootBits(prime, "square"));

const rotate = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits));

/**
 * Computes the SHA-256 of a text in UTF-8, in hex (FIPS 180-4). Every margin result names its method's version, which
 * ends in such a hash. The engine therefore needs it, and this package may import nothing of Node. Code outside the
 * package uses `node:crypto`.
 */
export function sha256Hex(text: string): string {
  const bytes = pad(new TextEncoder().encode(text));
  const view = new DataView(bytes.buffer);
  const state = firstState.slice();
  const schedule = new Uint32Array(64);
  for (let offset = 0; offset < bytes.length; offset += 64) {
    for (let index = 0; index < 16; index += 1) schedule[index] = view.getUint32(offset + 4 * index);
    absorb(state, schedule);
  }
  return Array.from(state, (word) => word.toString(16).padStart(8, "0")).join("");
}

/** Pads the bytes to a multiple of 64 bytes: after them come a one bit, zeros and the length in bits. */
function pad(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array(64 * Math.floor((bytes.length + 8) / 64 + 1));
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  new DataView(padded.buffer).setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n);
  return padded;
}

/** Absorbs one block of 16 words into the state. */
function absorb(state: Uint32Array, schedule: Uint32Array): void {
  for (let index = 16; index < 64; index += 1) {
    const near = schedule[index - 2]!;
    const far = schedule[index - 15]!;
    const nearMix = rotate(near, 17) ^ rotate(near, 19) ^ (near >>> 10);
    const farMix = rotate(far, 7) ^ rotate(far, 18) ^ (far >>> 3);
    schedule[index] = schedule[index - 16]! + farMix + schedule[index - 7]! + nearMix;
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let index = 0; index < 64; index += 1) {
    const choice = (e & f) ^ (~e & g);
    const eMix = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const first = (h + eMix + choice + roundConstants[index]! + schedule[index]!) | 0;
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const aMix = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + aMix + majority) | 0];
  }
  for (const [index, word] of [a, b, c, d, e, f, g, h].entries()) state[index] = state[index]! + word;
}
