/**
 * A buffer for intermediate figures, used again by every call of the function it serves: allocating a typed array takes
 * longer than filling it. It is at least as long as asked for, and holds what the last use left.
 */
export function createScratch(): (length: number) => Float64Array {
  let buffer = new Float64Array(0);
  return (length) => {
    if (buffer.length < length) buffer = new Float64Array(2 * length);
    return buffer;
  };
}
