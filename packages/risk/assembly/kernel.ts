// These are the kernels over scenarios in AssemblyScript, two lanes wide. The operations and their order are those of
// src/pricing/black76.ts and of a plain double loop over positions and scenarios. Nothing is fused, so every bit is the
// same, which a test compares. `npm run kernel` compiles this file into src/kernel/kernel-bytes.ts. Addresses are in
// bytes, and the caller provides the memory.

/**
 * The tables of exp: 2^(j/64) as the sum of two doubles in 64 pairs, and 2^k at k + 1074. src/kernel/pricing-kernel.ts
 * writes them.
 */
const ROOTS_OF_TWO: usize = 0;
const POWERS_OF_TWO: usize = 1024;

/**
 * The constants are read from memory where they are used. Loading a double into both lanes is cheaper than building a
 * constant.
 */
const CONSTANTS = memory.data<f64>([
  // 0: 64 / ln 2, then ln 2 / 64 as the sum of two doubles
  92.33248261689366, 0.01083042469326756, 2.9815858269852933e-12,
  // 3: 1/2, 1/6, 1/24, 1/120
  0.5, 0.16666666666666666, 0.041666666666666664, 0.008333333333333333,
  // 7: 3 x 2^51, whose addition leaves a whole number in the low bits; -1/2; DEVIATIONS_OF_WEIGHT and its negative
  6755399441055744.0, -0.5, 38.5, -38.5,
  // 11: the tail ratio of src/numbers/normal.ts: even and odd powers of the numerator, then of the denominator
  0.5, 0.5889242211258162, 0.0959871380534908, 0.003972955144961384, 0.00003563327087156986,
  0.7714205753650841, 0.2855969526770132, 0.0230876340242636, 0.00047312795111585285, 0.000001310561273913021,
  2.5454773485581796, 0.7714187167513687, 0.059051502420599374, 0.0011892409899431778, 0.000003285089944837538,
  2.340725711533033, 1.6977896461423676, 0.2503841444949321, 0.010048041052419627, 0.0000893193642820061,
  // 31: 1, 0 and NaN
  1, 0, NaN,
]);
const STEPS_PER_UNIT = 0, STEP_HIGH = 1, STEP_LOW = 2, HALF = 3, SIXTH = 4, TWENTY_FOURTH = 5, HUNDRED_TWENTIETH = 6;
const TO_WHOLE = 7, MINUS_HALF = 8, DEVIATIONS_OF_WEIGHT = 9, MINUS_DEVIATIONS = 10;
const EVEN_TOP = 11, ODD_TOP = 16, EVEN_BOTTOM = 21, ODD_BOTTOM = 26, ONE = 31, ZERO = 32, NOT_A_NUMBER = 33;

/** The bytes of a block of scenarios that is summed in registers: 8 registers of two lanes. */
const BLOCK: usize = 128;

@inline
function constant(index: usize): v128 {
  return v128.load64_splat(CONSTANTS + (index << 3));
}

/** Computes e^x as expInRange of src/numbers/exponential.ts does. */
@inline
function exponential(x: v128): v128 {
  const steps = f64x2.floor(f64x2.add(f64x2.mul(x, constant(STEPS_PER_UNIT)), constant(HALF)));
  const r = f64x2.sub(f64x2.sub(x, f64x2.mul(steps, constant(STEP_HIGH))), f64x2.mul(steps, constant(STEP_LOW)));
  const whole = f64x2.add(steps, constant(TO_WHOLE));
  const first = <i32>i64x2.extract_lane(whole, 0);
  const second = <i32>i64x2.extract_lane(whole, 1);
  const firstRoot = v128.load(ROOTS_OF_TWO + (<usize>(first & 63) << 4));
  const secondRoot = v128.load(ROOTS_OF_TWO + (<usize>(second & 63) << 4));
  const high = v128.shuffle<f64>(firstRoot, secondRoot, 0, 2);
  const low = v128.shuffle<f64>(firstRoot, secondRoot, 1, 3);
  const firstPower = v128.load64_zero(POWERS_OF_TWO + (<usize>((first >> 6) + 1074) << 3));
  const power = v128.load64_lane(POWERS_OF_TWO + (<usize>((second >> 6) + 1074) << 3), firstPower, 1);
  const square = f64x2.mul(r, r);
  const inner = f64x2.add(constant(TWENTY_FOURTH), f64x2.mul(r, constant(HUNDRED_TWENTIETH)));
  const outer = f64x2.add(f64x2.add(constant(HALF), f64x2.mul(r, constant(SIXTH))), f64x2.mul(square, inner));
  const growth = f64x2.add(r, f64x2.mul(square, outer));
  return f64x2.mul(f64x2.add(high, f64x2.add(low, f64x2.mul(high, growth))), power);
}

/** Computes c0 + q (c1 + q (c2 + q (c3 + q c4))) with the coefficients from `first` on. */
@inline
function quartic(q: v128, first: usize): v128 {
  let sum = f64x2.add(constant(first + 3), f64x2.mul(q, constant(first + 4)));
  sum = f64x2.add(constant(first + 2), f64x2.mul(q, sum));
  sum = f64x2.add(constant(first + 1), f64x2.mul(q, sum));
  return f64x2.add(constant(first), f64x2.mul(q, sum));
}

/** Computes the tail ratio as normalTailRatioInRange of src/numbers/normal.ts does. */
@inline
function normalTailRatio(z: v128): v128 {
  const q = f64x2.mul(z, z);
  const numerator = f64x2.add(quartic(q, EVEN_TOP), f64x2.mul(z, quartic(q, ODD_TOP)));
  const evenBottom = f64x2.add(constant(ONE), f64x2.mul(q, quartic(q, EVEN_BOTTOM)));
  return f64x2.div(numerator, f64x2.add(evenBottom, f64x2.mul(z, quartic(q, ODD_BOTTOM))));
}

/** Computes outOfTheMoneyValue of src/pricing/black76.ts. Every case is computed and the right one is selected. */
@inline
function outOfTheMoneyValue(lower: v128, distance: v128, totalVolatility: v128): v128 {
  const ratio = f64x2.div(distance, totalVolatility);
  const half = f64x2.mul(constant(HALF), totalVolatility);
  const a = f64x2.sub(ratio, half);
  const b = f64x2.add(ratio, half);
  const size = f64x2.abs(a);
  // The result is at most 38.5, and 38.5 for NaN, so that no argument leads to reads beyond the tables.
  const clipped = f64x2.pmin(constant(DEVIATIONS_OF_WEIGHT), size);
  const gaussian = f64x2.mul(lower, exponential(f64x2.mul(f64x2.mul(constant(MINUS_HALF), clipped), clipped)));
  const tailA = normalTailRatio(clipped);
  const tailB = normalTailRatio(b);
  const above = f64x2.mul(gaussian, f64x2.sub(tailA, tailB));
  const below = f64x2.sub(lower, f64x2.mul(gaussian, f64x2.add(tailA, tailB)));
  const inside = v128.bitselect(above, below, f64x2.ge(a, constant(ZERO)));
  const farBelow = v128.bitselect(lower, constant(NOT_A_NUMBER), f64x2.le(a, constant(MINUS_DEVIATIONS)));
  const outside = v128.bitselect(constant(ZERO), farBelow, f64x2.ge(a, constant(DEVIATIONS_OF_WEIGHT)));
  return v128.bitselect(inside, outside, f64x2.lt(size, constant(DEVIATIONS_OF_WEIGHT)));
}

/** Computes the undiscounted value of the option as valueInScenario of src/pricing/black76.ts does. */
@inline
function optionValue(optionSign: v128, shocked: v128, strike: v128, logMoneyness: v128, totalVolatility: v128): v128 {
  const payoff = f64x2.mul(optionSign, f64x2.sub(shocked, strike));
  // The added 0 turns a payoff of -0 into 0.
  const intrinsic = f64x2.add(f64x2.pmax(payoff, constant(ZERO)), constant(ZERO));
  const timeValue = outOfTheMoneyValue(f64x2.pmin(shocked, strike), f64x2.abs(logMoneyness), totalVolatility);
  const value = f64x2.add(intrinsic, timeValue);
  const withTime = v128.bitselect(value, constant(NOT_A_NUMBER), f64x2.gt(totalVolatility, constant(ZERO)));
  return v128.bitselect(intrinsic, withTime, f64x2.eq(totalVolatility, constant(ZERO)));
}

/**
 * Computes the values of black76IntoScenarios. `end` is the length of the scenarios in bytes, for an even number of
 * scenarios.
 */
export function black76(
  out: usize,
  end: usize,
  optionSign: f64,
  forward: f64,
  strike: f64,
  discountFactor: f64,
  logMoneyness: f64,
  priceMultiplier: usize,
  logPriceMultiplier: usize,
  totalVolatility: usize,
): void {
  for (let s: usize = 0; s < end; s += 16) {
    const shocked = f64x2.mul(f64x2.splat(forward), v128.load(priceMultiplier + s));
    const logarithm = f64x2.add(f64x2.splat(logMoneyness), v128.load(logPriceMultiplier + s));
    const volatility = v128.load(totalVolatility + s);
    const value = optionValue(f64x2.splat(optionSign), shocked, f64x2.splat(strike), logarithm, volatility);
    v128.store(out + s, f64x2.mul(f64x2.splat(discountFactor), value));
  }
}

/**
 * Writes the risk array of one long option, as writeRiskArray of src/arrays/risk-array.ts describes it. The sign of the
 * scenario's state chooses the total volatility `up`, `unmoved` or `down`. `noMove` is the address offset of the
 * scenario that moves nothing.
 */
export function optionRiskArray(
  out: usize,
  end: usize,
  optionSign: f64,
  forward: f64,
  strike: f64,
  contractSize: f64,
  isInverse: bool,
  logMoneyness: f64,
  up: f64,
  unmoved: f64,
  down: f64,
  priceMultiplier: usize,
  logPriceMultiplier: usize,
  volatilityState: usize,
  noMove: usize,
): void {
  for (let s: usize = 0; s < end; s += 16) {
    const shocked = f64x2.mul(f64x2.splat(forward), v128.load(priceMultiplier + s));
    const logarithm = f64x2.add(f64x2.splat(logMoneyness), v128.load(logPriceMultiplier + s));
    const state = v128.load(volatilityState + s);
    const moved = v128.bitselect(f64x2.splat(up), f64x2.splat(down), f64x2.gt(state, constant(ZERO)));
    const volatility = v128.bitselect(f64x2.splat(unmoved), moved, f64x2.eq(state, constant(ZERO)));
    const value = optionValue(f64x2.splat(optionSign), shocked, f64x2.splat(strike), logarithm, volatility);
    v128.store(out + s, isInverse ? f64x2.div(value, shocked) : value);
  }
  const unmovedValue = v128.load64_splat(out + noMove);
  for (let s: usize = 0; s < end; s += 16) {
    v128.store(out + s, f64x2.mul(f64x2.splat(contractSize), f64x2.sub(unmovedValue, v128.load(out + s))));
  }
}

/**
 * Adds sums[s] += quantities[p] * array of p [s] for the positions in order. `offsets` are the addresses of the arrays'
 * starts in bytes, with 32 bits each. `start` and `end` bound the scenarios in bytes, in whole blocks. Sums beyond the
 * last scenario have no meaning.
 */
export function accumulate(
  sums: usize,
  offsets: usize,
  quantities: usize,
  positions: usize,
  start: usize,
  end: usize,
): void {
  const endOfOffsets = offsets + (positions << 2);
  for (let s = start; s < end; s += BLOCK) {
    const block = sums + (s - start);
    let sum0 = v128.load(block, 0);
    let sum1 = v128.load(block, 16);
    let sum2 = v128.load(block, 32);
    let sum3 = v128.load(block, 48);
    let sum4 = v128.load(block, 64);
    let sum5 = v128.load(block, 80);
    let sum6 = v128.load(block, 96);
    let sum7 = v128.load(block, 112);
    let quantityAt = quantities;
    for (let offset = offsets; offset < endOfOffsets; offset += 4) {
      const array = <usize>load<u32>(offset) + s;
      const quantity = v128.load64_splat(quantityAt);
      quantityAt += 8;
      sum0 = f64x2.add(sum0, f64x2.mul(quantity, v128.load(array, 0)));
      sum1 = f64x2.add(sum1, f64x2.mul(quantity, v128.load(array, 16)));
      sum2 = f64x2.add(sum2, f64x2.mul(quantity, v128.load(array, 32)));
      sum3 = f64x2.add(sum3, f64x2.mul(quantity, v128.load(array, 48)));
      sum4 = f64x2.add(sum4, f64x2.mul(quantity, v128.load(array, 64)));
      sum5 = f64x2.add(sum5, f64x2.mul(quantity, v128.load(array, 80)));
      sum6 = f64x2.add(sum6, f64x2.mul(quantity, v128.load(array, 96)));
      sum7 = f64x2.add(sum7, f64x2.mul(quantity, v128.load(array, 112)));
    }
    v128.store(block, sum0, 0);
    v128.store(block, sum1, 16);
    v128.store(block, sum2, 32);
    v128.store(block, sum3, 48);
    v128.store(block, sum4, 64);
    v128.store(block, sum5, 80);
    v128.store(block, sum6, 96);
    v128.store(block, sum7, 112);
  }
}

/**
 * The bytes of a tile of scenarios, which all books use before the next tile. A tile of 1,000 arrays stays in a 1 MB
 * cache.
 */
const TILE: usize = 512;

/**
 * Finds the greatest loss of each of many books and its scenario, the first on a tie. A loss that is not a number is
 * never the greatest. Book b holds positions starts[b] to starts[b + 1] - 1. `end` is the length of the scenarios in
 * bytes, and `worst` and `losses` hold one figure for each book.
 *
 * The `rows` arrays stand one after another from `arrays` on. Each tile of them is copied side by side into `tiles`, to
 * which `offsets` point, since rows far apart would overload the processor's address cache. `sums` has room for a tile
 * and a block, `ranges` for two numbers a row. A tile is not summed for a book that cannot lose as much in it as it
 * does elsewhere.
 */
export function scanBooks(
  worst: usize,
  losses: usize,
  books: usize,
  starts: usize,
  offsets: usize,
  quantities: usize,
  end: usize,
  arrays: usize,
  rows: usize,
  tiles: usize,
  sums: usize,
  ranges: usize,
): void {
  for (let book: usize = 0; book < books; book += 1) {
    store<i32>(worst + (book << 2), -1);
    store<f64>(losses + (book << 3), -Infinity);
  }
  const count = (end + TILE - 1) / TILE;
  for (let turn: usize = 0; turn < count; turn += 1) {
    // Most books lose most at the two ends. If these come first, the tiles between are seldom summed.
    const tile = turn == 0 ? 0 : turn == 1 ? count - 1 : turn - 1;
    const start = tile * TILE;
    const length = min(TILE, end - start);
    for (let row: usize = 0; row < rows; row += 1) {
      memory.copy(tiles + row * TILE, arrays + row * end + start, length);
      storeRange(ranges + (row << 4), tiles + row * TILE, length);
    }
    for (let book: usize = 0; book < books; book += 1) {
      const first = <usize>load<u32>(starts + (book << 2));
      const positions = <usize>load<u32>(starts + (book << 2), 4) - first;
      const bookOffsets = offsets + (first << 2);
      const bookQuantities = quantities + (first << 3);
      const known = load<f64>(losses + (book << 3));
      if (turn > 0 && boundOf(bookOffsets, bookQuantities, positions, tiles, ranges) < known) continue;
      memory.fill(sums, 0, length + BLOCK);
      accumulate(sums, bookOffsets, bookQuantities, positions, 0, length);
      let greatest = f64x2.splat(known);
      let s: usize = 0;
      for (; s + 16 <= length; s += 16) greatest = f64x2.pmax(greatest, v128.load(sums + s));
      const last = s < length ? load<f64>(sums + s) : -Infinity;
      const isAsGreat =
        turn > 1 || f64x2.extract_lane(greatest, 0) > known || f64x2.extract_lane(greatest, 1) > known || last > known;
      if (isAsGreat) findWorst(worst + (book << 2), losses + (book << 3), sums, start, length);
    }
  }
}

/**
 * Stores the least and the greatest number of a row's tile. Entries that are not numbers are left out, as they are
 * never the worst.
 */
function storeRange(range: usize, row: usize, length: usize): void {
  let least = Infinity;
  let greatest = -Infinity;
  for (let s: usize = 0; s < length; s += 8) {
    const loss = load<f64>(row + s);
    least = loss < least ? loss : least;
    greatest = loss > greatest ? loss : greatest;
  }
  store<f64>(range, least);
  store<f64>(range, greatest, 8);
}

/**
 * Returns a bound on the loss of a book in a tile. It is summed in the order of the book's losses. Rounding keeps
 * order, so it cannot put a loss above the bound. An unknown bound is NaN, and no comparison finds NaN below a known
 * loss.
 */
function boundOf(offsets: usize, quantities: usize, positions: usize, tiles: usize, ranges: usize): f64 {
  let bound: f64 = 0;
  for (let p: usize = 0; p < positions; p += 1) {
    const row = (<usize>load<u32>(offsets + (p << 2)) - tiles) / TILE;
    const ends = f64x2.mul(v128.load64_splat(quantities + (p << 3)), v128.load(ranges + (row << 4)));
    const low = f64x2.extract_lane(ends, 0);
    const high = f64x2.extract_lane(ends, 1);
    bound += low > high ? low : high;
  }
  return bound;
}

function findWorst(worst: usize, greatest: usize, sums: usize, start: usize, length: usize): void {
  for (let s: usize = 0; s < length; s += 8) {
    const loss = load<f64>(sums + s);
    const scenario = <i32>((start + s) >> 3);
    const known = load<f64>(greatest);
    if (loss > known || (loss == known && scenario < load<i32>(worst))) {
      store<f64>(greatest, loss);
      store<i32>(worst, scenario);
    }
  }
}
