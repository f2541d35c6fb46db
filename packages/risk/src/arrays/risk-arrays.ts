import { BLOCK_SCENARIOS, createKernel, growKernel, KERNEL_RESERVED_BYTES, type Kernel } from "../kernel/kernel.ts";

/** The greatest numbers of positions and scenarios that one call of the kernel sums. */
const CHUNK_POSITIONS = 1024;
const CHUNK_SCENARIOS = 4096;

const OFFSETS = KERNEL_RESERVED_BYTES;
const QUANTITIES = OFFSETS + 4 * CHUNK_POSITIONS;
const SUMS = QUANTITIES + 8 * CHUNK_POSITIONS;
const ARRAYS = SUMS + 8 * (CHUNK_SCENARIOS + BLOCK_SCENARIOS);
/** The part of each risk array that a scan of many books copies side by side at a time. */
const TILE_BYTES = 512;

/**
 * The risk arrays of many instruments, one after another in the memory of a kernel. An offset stays valid when the
 * memory grows.
 */
export interface RiskArrays {
  /** The view of the arrays. It is replaced whenever `reserveRiskArray` or `scanBooks` has to grow the memory. */
  buffer: Float64Array;
  /** The count of numbers in use. Setting it back lets the buffer be used again. */
  used: number;
  /** The memory, or null until the first array is reserved. */
  memory: KernelMemory | null;
  /** The count of numbers for which room is made at first. */
  readonly capacity: number;
}

/**
 * A kernel with the parts of its memory that a call reads and writes. `sums` is as long as the last call's scenarios.
 */
interface KernelMemory {
  readonly kernel: Kernel;
  readonly offsets: Int32Array;
  readonly quantities: Float64Array;
  sums: Float64Array;
}

/** Creates empty arrays with room for `capacity` numbers before the memory has to grow. */
export function createRiskArrays(capacity: number): RiskArrays {
  return { buffer: new Float64Array(0), used: 0, memory: null, capacity };
}

/** Released memories for reuse. Their old contents are overwritten before anything reads them. */
const idle: Kernel[] = [];
const IDLE_KEPT = 64;
/**
 * The greatest size of all idle memories together. Arrays over thousands of scenarios are large, and idle memory is
 * missing elsewhere.
 */
const IDLE_BYTES_KEPT = 64 * 1024 * 1024;

/** Forgets all arrays and releases their memory for reuse. Fresh memory from the system costs more than filling it. */
export function releaseRiskArrays(arrays: RiskArrays): void {
  if (arrays.memory !== null) {
    idle.push(arrays.memory.kernel);
    // The newest memory stays, because its releaser often asks for as much again at once.
    while (idle.length > IDLE_KEPT || (idle.length > 1 && idleBytes() > IDLE_BYTES_KEPT)) idle.shift();
  }
  arrays.memory = null;
  arrays.buffer = new Float64Array(0);
  arrays.used = 0;
}

function idleBytes(): number {
  return idle.reduce((sum, { memory }) => sum + memory.buffer.byteLength, 0);
}

/** Reserves room for one risk array and returns its offset. */
export function reserveRiskArray(arrays: RiskArrays, scenarioCount: number): number {
  const offset = arrays.used;
  arrays.used += scenarioCount;
  ensureBytes(arrays, bytesFor(arrays.used));
  return offset;
}

/** Returns the bytes needed for so many numbers. The kernel reads whole blocks, so also beyond the last number. */
function bytesFor(numbers: number): number {
  return ARRAYS + 8 * (numbers + BLOCK_SCENARIOS);
}

function ensureBytes(arrays: RiskArrays, bytes: number): KernelMemory {
  const { memory } = arrays;
  if (memory !== null && bytes <= memory.kernel.memory.buffer.byteLength) return memory;
  const kernel = memory?.kernel ?? idle.pop() ?? createKernel(bytesFor(arrays.capacity));
  growKernel(kernel, bytes);
  const { buffer } = kernel.memory;
  arrays.buffer = new Float64Array(buffer, ARRAYS);
  arrays.memory = {
    kernel,
    offsets: new Int32Array(buffer, OFFSETS, CHUNK_POSITIONS),
    quantities: new Float64Array(buffer, QUANTITIES, CHUNK_POSITIONS),
    sums: new Float64Array(buffer, SUMS, 0),
  };
  return arrays.memory;
}

/**
 * Adds quantity x risk array of positions start to end - 1 to `losses`: losses[s] += quantities[p] * array[offsets[p] +
 * s]. Each scenario is one sum in the order of the positions. The kernel keeps this order, handles two scenarios at a
 * time and does not fuse multiplication and addition. Every bit is therefore that of the plain double loop.
 */
export function accumulateLosses(
  losses: Float64Array,
  arrays: RiskArrays,
  offsets: ArrayLike<number>,
  quantities: ArrayLike<number>,
  start: number,
  end: number,
  scenarioCount: number,
): void {
  const memory = ensureBytes(arrays, bytesFor(arrays.used));
  for (let from = 0; from < scenarioCount; from += CHUNK_SCENARIOS) {
    const count = Math.min(CHUNK_SCENARIOS, scenarioCount - from);
    // Creating a view costs more than a small book. The usual call has as many scenarios as the last one, and losses of
    // that length.
    const part = losses.length === count ? losses : losses.subarray(from, from + count);
    if (memory.sums.length !== count) memory.sums = new Float64Array(memory.kernel.memory.buffer, SUMS, count);
    memory.sums.set(part);
    for (let first = start; first < end; first += CHUNK_POSITIONS) {
      const positions = Math.min(CHUNK_POSITIONS, end - first);
      for (let p = 0; p < positions; p += 1) {
        memory.offsets[p] = ARRAYS + 8 * offsets[first + p]!;
        memory.quantities[p] = quantities[first + p]!;
      }
      memory.kernel.accumulate(SUMS, OFFSETS, QUANTITIES, positions, 8 * from, 8 * (from + count));
    }
    part.set(memory.sums);
  }
}

/** Returns the index in [start, end) of the greatest loss, the lowest on a tie, or -1 when the range is empty. */
export function worstIndex(losses: Float64Array, start: number, end: number): number {
  if (start >= end) return -1;
  let worst = start;
  let greatest = losses[start]!;
  for (let s = start + 1; s < end; s += 1) {
    const loss = losses[s]!;
    if (loss > greatest) {
      greatest = loss;
      worst = s;
    }
  }
  return worst;
}

/** Many books over the same risk arrays, in columns. Book b holds positions starts[b] to starts[b + 1] - 1. */
export interface BookColumns {
  readonly starts: Int32Array;
  readonly offsets: Int32Array;
  readonly quantities: Float64Array;
}

/** The worst scenario and its loss, by book. They are -1 and -Infinity for a book none of whose losses is a number. */
export interface WorstLosses {
  readonly scenarios: Int32Array;
  readonly losses: Float64Array;
}

/**
 * Computes the worst loss of many books at once, over arrays that all have `scenarioCount` numbers. The bits are those
 * of `accumulateLosses` and `worstIndex` book by book, and with many scenarios it is faster. All books use one tile of
 * the scenarios before the next, so that the risk arrays of the tile stay in the processor's cache. A book skips a tile
 * in which it cannot lose as much as it does elsewhere.
 */
export function scanBooks(arrays: RiskArrays, books: BookColumns, scenarioCount: number): WorstLosses {
  const { starts, offsets, quantities } = books;
  const count = starts.length - 1;
  const rows = arrays.used / scenarioCount;
  if (!Number.isInteger(rows)) {
    throw new RangeError(`Risk arrays hold ${arrays.used} numbers, no multiple of ${scenarioCount} scenarios`);
  }
  // The columns follow the arrays, those of doubles first, so that each column is aligned.
  const tilesAt = bytesFor(arrays.used);
  const sumsAt = tilesAt + TILE_BYTES * rows + 8 * BLOCK_SCENARIOS;
  const rangesAt = sumsAt + TILE_BYTES + 8 * BLOCK_SCENARIOS;
  const quantitiesAt = rangesAt + 16 * rows;
  const lossesAt = quantitiesAt + 8 * quantities.length;
  const worstAt = lossesAt + 8 * count;
  const startsAt = worstAt + 4 * count;
  const offsetsAt = startsAt + 4 * starts.length;
  const { kernel } = ensureBytes(arrays, offsetsAt + 4 * offsets.length);
  const { buffer } = kernel.memory;
  new Float64Array(buffer, quantitiesAt).set(quantities);
  new Int32Array(buffer, startsAt).set(starts);
  const tileOffsets = new Int32Array(buffer, offsetsAt, offsets.length);
  for (let p = 0; p < offsets.length; p += 1) tileOffsets[p] = tilesAt + TILE_BYTES * (offsets[p]! / scenarioCount);
  const end = 8 * scenarioCount;
  kernel.scanBooks(
    worstAt,
    lossesAt,
    count,
    startsAt,
    offsetsAt,
    quantitiesAt,
    end,
    ARRAYS,
    rows,
    tilesAt,
    sumsAt,
    rangesAt,
  );
  return {
    scenarios: new Int32Array(buffer, worstAt, count).slice(),
    losses: new Float64Array(buffer, lossesAt, count).slice(),
  };
}
