import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SaxesParser } from "saxes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareHtml, profileChart } from "../../packages/cli/src/compare/compare-html.ts";
import { type CompareReport, compareReport } from "../../packages/cli/src/compare/compare-report.ts";
import { dotChart, timeChart } from "../../packages/cli/src/output/plots.ts";
import { runPlimsoll } from "../support/cli.ts";
import { perpetualMarket } from "../support/perpetual-market.ts";

/** Ends an attribute and an element, begins a script, and carries what XML does not allow. */
const evil = `B"'><script>alert(1)</script>&amp;<!--\u001b[2J\u202e`;

const root = mkdtempSync(join(tmpdir(), "plimsoll-markup-"));
afterAll(() => rmSync(root, { recursive: true }));

let report: CompareReport;

beforeAll(async () => {
  const file = (name: string, value: unknown) => {
    writeFileSync(join(root, name), JSON.stringify(value));
    return join(root, name);
  };
  const positions = [{ instrument_id: "BTC-PERPETUAL", quantity: "1", entry_price: "70000" }];
  const portfolio = file("p.json", { collateral: [{ asset: "USD", amount: "100000" }], positions });
  const { out } = await runPlimsoll(root, ["compare", portfolio, "-m", file("m.json", perpetualMarket), "--json"]);
  report = compareReport.parse(JSON.parse(out));
});

/** Elements, texts and attribute values of a document; throws where it is not well-formed XML. */
function read(text: string): { readonly elements: readonly string[]; readonly words: readonly string[] } {
  const elements: string[] = [];
  const words: string[] = [];
  const parser = new SaxesParser();
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name, attributes }) => {
    elements.push(name);
    words.push(...Object.values(attributes));
  });
  parser.on("text", (one) => words.push(one));
  parser.write(text).close();
  return { elements, words };
}

/** The hostile name as a reader of the document sees it. */
const seen = `B"'><script>alert(1)</script>&amp;<!--\\u001b[2J\\u202e`;

function expectEscaped(text: string): void {
  const { elements, words } = read(text);
  expect(elements).not.toContain("script");
  expect(words.some((one) => one.includes(seen))).toBe(true);
}

/** Every string that may be anything, replaced. */
function hostile(given: CompareReport): CompareReport {
  const [profile] = given.profiles;
  return {
    ...given,
    account_id: evil,
    pool_currency: evil,
    parameters_version: evil,
    market: {
      ...given.market,
      source: evil,
      snapshot_id: evil,
      as_of: evil,
      underlyings: given.market.underlyings.map((one) => ({ ...one, underlying: evil })),
    },
    methods: given.methods.map((method) =>
      method.status === "margined"
        ? {
            ...method,
            components: method.components.map((component) => ({ ...component, name: evil, underlying: evil })),
            worst_scenario: method.worst_scenario && { ...method.worst_scenario, label: evil },
          }
        : method,
    ),
    profiles: [{ ...profile!, underlying: evil }],
  };
}

describe("names in pages and pictures", () => {
  it("are text in the picture of a risk profile", () => {
    const [profile] = report.profiles;
    expectEscaped(String(profileChart({ ...profile!, underlying: evil }, "USD")));
    expectEscaped(String(profileChart(profile!, evil)));
  });

  it("are text in charts over time and of dots", () => {
    const timesMs = [0, 86_400_000];
    const lines = [{ name: evil, values: [1, 2] }];
    const common = { unit: "count", logarithmic: false, timesMs } as const;
    expectEscaped(String(timeChart({ ...common, title: "t", lines })));
    expectEscaped(String(timeChart({ ...common, title: evil, lines: [{ name: "l", values: [1, 2] }] })));
    expectEscaped(String(dotChart("t", ["a"], [{ name: evil, values: [0.9] }], 0.99)));
    expectEscaped(String(dotChart(evil, [evil], [{ name: "a", values: [0.9] }], 0.99)));
  });

  it("are text in the page of a comparison, each time they are named", () => {
    const page = compareHtml(hostile(report));
    const body = page.slice(page.indexOf("<body>"), page.indexOf("</html>"));
    expectEscaped(body);
    expect(page).not.toContain("<script");
    expect(page).toContain("<style>\n:root { ");
    // Head and body.
    expect(page.match(/<title>([^<]*)<\/title>/)?.[1]).toContain("&lt;script&gt;");
  });

  it("are text in the page and the pictures of a backtest", async () => {
    const hours = Array.from({ length: 24 * 80 }, (_, hour) => new Date(Date.UTC(2026, 0, 1, hour)).toISOString());
    const candle = (time: string, at: number) => {
      const close = 70_000 + 500 * Math.sin(at);
      return `${time},${close},${close + 10},${close - 10},${close},1`;
    };
    const prices = join(root, `a"'&<b>\u202e_spot_btcusdt_1h.csv`);
    writeFileSync(prices, ["open_time_utc,open,high,low,close,volume", ...hours.map(candle)].join("\n"));
    const [out, html] = [join(root, "out"), join(root, "page.html")];
    const words = ["--portfolios", "1", "--workers", "1", "--out", out, "--html", html];
    const { code, err } = await runPlimsoll(root, ["backtest", "--prices", `BTC/USDT=${prices}`, ...words]);
    expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
    const page = readFileSync(html, "utf8");
    const { elements, words: said } = read(page.slice(page.indexOf("<body>"), page.indexOf("</html>")));
    expect(elements).toContain("svg");
    expect(said.some((one) => one.includes(`a"'&<b>\\u202e_spot`))).toBe(true);
    const pictures = readdirSync(out).filter((name) => name.endsWith(".svg"));
    expect(pictures).toHaveLength(4);
    for (const name of pictures) expect(read(readFileSync(join(out, name), "utf8")).elements[0]).toBe("svg");
  });
});
