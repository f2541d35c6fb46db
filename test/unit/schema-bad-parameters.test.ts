import { defaultParameters, type MethodId, methodIds } from "@plimsoll/risk";
import { encodeParameters, parameterSet } from "@plimsoll/schema";
import { describe, expect, it } from "vitest";

const shipped = encodeParameters(defaultParameters);

/** Numbers that may be below 0: moves and tilts go either way. */
const signed = /extended_moves|spot_move$|volatility_move$|cap_per_root_year$|rise_per_rise$/;

type Path = readonly (string | number)[];

/** Every number in a value with its path. */
function numbersIn(value: unknown, at: Path = []): { readonly path: Path; readonly value: number }[] {
  if (typeof value === "number") return [{ path: at, value }];
  if (Array.isArray(value)) return value.flatMap((entry, index) => numbersIn(entry, [...at, index]));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, entry]) => numbersIn(entry, [...at, key]));
}

/** The value with what stands at the path replaced. */
function replaced(value: unknown, [first, ...rest]: Path, by: unknown): unknown {
  if (first === undefined) return by;
  if (Array.isArray(value)) return value.map((entry, index) => (index === first ? replaced(entry, rest, by) : entry));
  return { ...(value as object), [first]: replaced((value as Record<string, unknown>)[first], rest, by) };
}

/** One path for each kind of number: rows of a list share it. */
function kindsOf(value: unknown, at: Path): { readonly name: string; readonly path: Path }[] {
  const kinds = new Map<string, Path>();
  for (const { path } of numbersIn(value)) {
    const name = path.filter((key) => typeof key === "string").join(".");
    if (!kinds.has(name)) kinds.set(name, [...at, ...path]);
  }
  return [...kinds].map(([name, path]) => ({ name, path }));
}

function refusalOf(path: Path, by: unknown) {
  const issues = parameterSet.safeParse(replaced(shipped, path, by)).error?.issues ?? [];
  return issues.find((issue) => issue.path.join(".") === path.join("."));
}

const parts: readonly (readonly [MethodId | "scan" | "severity" | "collateral", unknown, Path])[] = [
  ...methodIds.map((methodId) => [methodId, shipped.methods[methodId], ["methods", methodId]] as const),
  ["scan", shipped.scan, ["scan"]],
  ["collateral", shipped.collateral, ["collateral"]],
  ["severity", shipped.severity, ["severity"]],
];

describe.each(parts.filter(([, value]) => numbersIn(value).length > 0))("numbers of %s", (_, value, at) => {
  const kinds = kindsOf(value, at);
  it.each(kinds)("$name: no number, infinity and what is far below 0 are refused by path", ({ path }) => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, -1e9, "0.1", null]) {
      const issue = refusalOf(path, bad);
      if (issue === undefined && bad === null && path[path.length - 1] === "up_to_usd") continue;
      expect(issue, `${path.join(".")} = ${bad}`).toBeDefined();
      expect(issue?.message).toMatch(/.{8}/);
    }
  });

  const unsigned = kinds.filter(({ name }) => !signed.test(name));
  it.each(unsigned)("$name: a little below 0 is refused with what it must be", ({ path }) => {
    expect(refusalOf(path, -0.001)?.message).toMatch(/\d|int/);
  });
});

describe("tables that refer to nothing", () => {
  const spreadWith = (name: string) => {
    const [credit] = shipped.methods.span.credits;
    const [first, second] = credit?.legs ?? [];
    return [{ ...credit, legs: [first, { ...second, underlying: name }] }];
  };
  const withoutAny = shipped.methods.span.underlyings.filter(({ underlying }) => underlying !== "*");

  it.each([
    [
      "a spread of SPAN in an underlying without a row",
      { span: { underlyings: withoutAny, credits: spreadWith("SOL") } },
      "methods.span.credits.0.legs.1.underlying",
      "one of BTC, ETH",
    ],
    [
      "a spread of SPAN with itself",
      { span: { credits: spreadWith("BTC") } },
      "methods.span.credits.0.legs.1.underlying",
      "each name once",
    ],
    [
      "a loan at a leverage that no row has",
      { account_ratio: { loan_leverage: 4 } },
      "methods.account_ratio.loan_leverage",
      "one of 3, 5, 10",
    ],
    [
      "borrowing rates without a row for any other asset",
      { portfolio_okx: { borrowing: [] } },
      "methods.portfolio_okx.borrowing",
      'one entry for "*"',
    ],
  ] as const)("%s is refused by path, with what there is", (_, methods, path, says) => {
    const issues =
      parameterSet.safeParse({ ...shipped, methods: { ...shipped.methods, ...methods } }).error?.issues ?? [];
    expect(issues.find((issue) => issue.path.join(".") === path)?.message).toContain(says);
  });
});

describe("grids without a scenario that moves nothing", () => {
  const { derive_pmrm_2: second, derive_pmrm_1: first, portfolio_paradex: paradex } = shipped.methods;
  const moving = (list: readonly { price_multiplier: number }[]) =>
    list.filter((entry) => entry.price_multiplier !== 1);

  it.each([
    ["derive_pmrm_2", { derive_pmrm_2: { scenarios: moving(second.scenarios) } }],
    ["derive_pmrm_1", { derive_pmrm_1: { scenarios: moving(first.scenarios) } }],
    [
      "portfolio_paradex",
      { portfolio_paradex: { scenarios: paradex.scenarios.filter((entry) => entry.spot_move !== 0) } },
    ],
  ] as const)("%s: are refused by path; the other grids are built around one", (methodId, methods) => {
    const [issue] = parameterSet.safeParse({ ...shipped, methods }).error?.issues ?? [];
    expect(issue?.path).toEqual(["methods", methodId, "scenarios"]);
    expect(issue?.message).toMatch(/moves nothing|spot_move is 0/);
  });
});
