/** Lets a computation go on for so many units of its work. */
export function unitsOfWork(count: number): () => boolean {
  let left = count;
  return () => {
    left -= 1;
    return left >= 0;
  };
}
