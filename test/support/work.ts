/**
 * Returns a function that returns true for the first `count` calls, which lets a computation do so many units of work.
 */
export function unitsOfWork(count: number): () => boolean {
  let left = count;
  return () => {
    left -= 1;
    return left >= 0;
  };
}
