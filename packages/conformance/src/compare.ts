import { jsonPath, NotApplicable, Tied, type VectorCase } from "./case-file.ts";
import type { VectorFigure } from "./report.ts";
import { isWithin, toleranceOf } from "./tolerance.ts";

/** Compares computed figures with the expected ones of a case, leaf by leaf, within the case's tolerance. */
export function compareFigures(caseFile: VectorCase, computed: unknown): VectorFigure[] {
  const figures: VectorFigure[] = [];
  const scale = greatestFigure(caseFile.expected);
  compareAt([], caseFile.expected, computed, caseFile, scale, figures);
  return figures;
}

function compareAt(
  path: readonly PropertyKey[],
  expected: unknown,
  computed: unknown,
  caseFile: VectorCase,
  scale: number,
  figures: VectorFigure[],
): void {
  if (typeof expected !== "object" || expected === null || computed instanceof NotApplicable) {
    figures.push(compareLeaf(path, expected, computed, caseFile, scale));
    return;
  }
  const children = childrenOf(computed);
  if (Array.isArray(expected)) {
    const length = Array.isArray(children) || children instanceof Float64Array ? children.length : -1;
    if (length !== expected.length) {
      const reason = length < 0 ? "no list is computed" : `${length} entries are computed, ${expected.length} expected`;
      figures.push({ figure: jsonPath(path), status: "fail", expected, computed: shownValue(computed), reason });
      return;
    }
    for (const [index, child] of expected.entries()) {
      compareAt([...path, index], child, (children as ArrayLike<unknown>)[index], caseFile, scale, figures);
    }
    return;
  }
  for (const [key, child] of Object.entries(expected)) {
    compareAt([...path, key], child, (children as Record<string, unknown> | null)?.[key], caseFile, scale, figures);
  }
}

function childrenOf(computed: unknown): object | null {
  return typeof computed === "object" ? computed : null;
}

function compareLeaf(
  path: readonly PropertyKey[],
  expected: unknown,
  computed: unknown,
  caseFile: VectorCase,
  scale: number,
): VectorFigure {
  const figure = jsonPath(path);
  if (computed instanceof NotApplicable) {
    return { figure, status: "not_applicable", expected, computed: null, reason: computed.reason };
  }
  if (computed === undefined) {
    const reason = "the family computes no figure of this name";
    return { figure, status: "not_applicable", expected, computed: null, reason };
  }
  if (computed instanceof Tied) {
    const passes = typeof expected === "number" && computed.tied.includes(expected);
    const base = { figure, expected, computed: computed.index, status: passes ? "pass" : "fail" } as const;
    return passes && computed.index !== expected ? { ...base, reason: "tied in all but rounding" } : base;
  }
  if (typeof expected !== "number" || typeof computed !== "number") {
    return {
      figure,
      status: Object.is(expected, computed) ? "pass" : "fail",
      expected,
      computed: shownValue(computed),
    };
  }
  const passes = isWithin(computed, expected, toleranceOf(path, caseFile.tolerance), scale);
  const difference = computed - expected;
  return {
    figure,
    status: passes ? "pass" : "fail",
    expected,
    computed: shownValue(computed),
    ...(Number.isFinite(difference) ? { difference } : {}),
  };
}

/** Returns a value as the report shows it. NaN and infinities become text, since JSON cannot hold them. */
function shownValue(value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return value ?? null;
}

function greatestFigure(value: unknown): number {
  if (typeof value === "number") return Math.abs(value);
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce<number>((greatest, child) => Math.max(greatest, greatestFigure(child)), 0);
}
