/**
 * Creates a buffer for intermediate figures that every call of one function uses again. Allocating a typed array takes
 * longer than filling it. The buffer is at least as long as asked for and still holds the figures of its last use.
 */
export function createScratch(): (length: number) => Float64Array {
  let buffer = new Float64Array(0);
  return (length) => {
    if (buffer.length < length) buffer = new Float64Array(2 * length);
    return buffer;
  };
}
