/** A point in the plane with the value of the objective there. */
interface Vertex {
  readonly x: number;
  readonly y: number;
  readonly value: number;
}

/**
 * Minimises a function of two variables by the simplex method of Nelder and Mead (1965) with their coefficients 1, 2,
 * 1/2, 1/2. It starts from a triangle at (x, y) with sides `size`. It stops when the triangle's values agree to 1e-12
 * relative, or after `maxSteps`. The result is deterministic. Points where the value is NaN or Infinity count as worse
 * than all others.
 */
export function minimise(
  objective: (x: number, y: number) => number,
  x: number,
  y: number,
  size: number,
  maxSteps: number,
): { x: number; y: number; value: number } {
  const at = (px: number, py: number): Vertex => {
    const value = objective(px, py);
    return { x: px, y: py, value: Number.isNaN(value) ? Number.POSITIVE_INFINITY : value };
  };
  const byValue = (left: Vertex, right: Vertex) => (left.value < right.value ? -1 : left.value > right.value ? 1 : 0);
  let triangle: [Vertex, Vertex, Vertex] = [at(x, y), at(x + size, y), at(x, y + size)];
  for (let step = 0; step < maxSteps; step += 1) {
    const [best, middle, worst] = triangle.toSorted(byValue) as [Vertex, Vertex, Vertex];
    triangle = [best, middle, worst];
    if (worst.value - best.value <= 1e-12 * best.value) break;
    const cx = 0.5 * (best.x + middle.x);
    const cy = 0.5 * (best.y + middle.y);
    /**
     * Returns the point on the line from the worst vertex through the centre of the others. A factor of 1 gives the
     * reflection.
     */
    const along = (factor: number) => at(cx + factor * (cx - worst.x), cy + factor * (cy - worst.y));
    const reflected = along(1);
    if (reflected.value < best.value) {
      const expanded = along(2);
      triangle = [best, middle, expanded.value < reflected.value ? expanded : reflected];
      continue;
    }
    if (reflected.value < middle.value) {
      triangle = [best, middle, reflected];
      continue;
    }
    const contracted = along(reflected.value < worst.value ? 0.5 : -0.5);
    if (contracted.value < Math.min(reflected.value, worst.value)) {
      triangle = [best, middle, contracted];
      continue;
    }
    const towardsBest = (vertex: Vertex) => at(0.5 * (best.x + vertex.x), 0.5 * (best.y + vertex.y));
    triangle = [best, towardsBest(middle), towardsBest(worst)];
  }
  return triangle.toSorted(byValue)[0] as Vertex;
}
