import { accountWords, durationWords, groupDigits, timeWords } from "@plimsoll/calls";
import type { Query, Schemas } from "@plimsoll/client";
import { qualityText } from "../account/account-text.ts";
import { callListText, requiredText } from "../account/account-views.ts";
import { callPricesTable } from "../margin/figures-text.ts";
import { paintSeverity } from "../output/severity-style.ts";
import { type Column, table } from "../output/table.ts";
import { type Paint, printFound, type Terminal } from "../output/terminal.ts";
import { wrap } from "../output/wrap.ts";
import { openStage, readPages, type StageOptions } from "../stage/open-stage.ts";

type Listing = Query<"listAccounts">;

export interface AccountsOptions extends StageOptions {
  readonly severity?: NonNullable<Listing["severity"]>;
  readonly method?: NonNullable<Listing["method_id"]>;
  readonly underlying?: string;
  readonly order: NonNullable<Listing["order"]>;
  readonly limit: number;
}

/** Prints the pools of all accounts by risk, and the whole stage in a line. */
export async function listAccounts(options: AccountsOptions, terminal: Terminal): Promise<void> {
  const stage = await openStage(options);
  const { severity, method, underlying, order, limit } = options;
  const chosen = {
    order,
    ...(severity && { severity }),
    ...(method && { method_id: method }),
    ...(underlying !== undefined && { underlying }),
  };
  const { entries, cursor } = await readPages(limit, async (page) => {
    const answer = await stage.ask("the list of accounts", (client) =>
      client.GET("/v1/accounts", { params: { query: { ...chosen, ...page } } }),
    );
    return { entries: answer.pools, cursor: answer.next_cursor };
  });
  const wire = { pools: entries, next_cursor: cursor };
  const summary = options.json ? null : await stage.ask("the summary", (client) => client.GET("/v1/summary"));
  printFound(terminal, { ...options, wire }, { entries, cursor, summary }, (found, paint) =>
    [
      poolsText(
        found.entries,
        found.summary?.pools === 0 ? "no account has been margined yet" : "no pool is like that",
        paint,
      ),
      ...(found.cursor === null ? [] : [paint.dim("  there are more: give a higher --limit")]),
      ...(found.summary === null ? [] : ["", ...summaryLines(found.summary, paint)]),
      "",
    ].join("\n"),
  );
}

const right = (head: string): Column => ({ head, align: "right" });

function poolsText(pools: readonly Schemas["ListedPool"][], none: string, paint: Paint): string {
  if (pools.length === 0) return `  ${none}`;
  const figures = ["equity", "initial margin", "maintenance", "headroom", "ratio"].map(right);
  const heads = [
    { head: "Account" },
    { head: "severity" },
    { head: "method" },
    ...figures,
    { head: "" },
    { head: "call" },
  ];
  const rows = pools.map((pool) => [
    accountWords(pool.account_id, pool.pool_id).replace("account ", ""),
    paintSeverity(pool.severity, pool.severity, paint),
    pool.status === "not_margined" ? paint.red("not margined") : (pool.method_id ?? ""),
    ...[pool.equity, pool.initial_margin, pool.maintenance_margin, pool.margin_headroom].map((figure) =>
      figure === null ? "" : groupDigits(figure),
    ),
    pool.status === "not_margined" ? "" : (pool.margin_ratio ?? "none"),
    paint.dim(pool.pool_currency ?? ""),
    pool.call_id ?? "",
  ]);
  return table(heads, rows, paint);
}

function summaryLines(summary: Schemas["Summary"], paint: Paint): string[] {
  const { accounts, pools, not_margined, incomplete, open_calls, newest_sweep_age_ms: ageMs } = summary;
  const count = (number: number) => groupDigits(String(number));
  const severities = summary.severities
    .filter((one) => one.pools > 0)
    .map((one) => paintSeverity(one.severity, `${one.severity} ${count(one.pools)}`, paint));
  const faults = [
    ...(not_margined > 0 ? [paint.red(`${count(not_margined)} without figures`)] : []),
    ...(incomplete > 0 ? [paint.yellow(`${count(incomplete)} not in full`)] : []),
  ];
  const prices = summary.price_qualities
    .filter(({ underlyings }) => underlyings.length > 0)
    .map(({ quality, underlyings }) => `${underlyings.join(", ")} ${qualityText(quality, paint)}`);
  const sweep = ageMs === null ? "no sweep yet" : `swept ${durationWords(ageMs)} ago`;
  const whole = [
    `${count(accounts)} ${accounts === 1 ? "account" : "accounts"} in ${count(pools)} ${pools === 1 ? "pool" : "pools"}`,
    severities.join(", "),
    ...faults,
    `${count(open_calls)} open ${open_calls === 1 ? "call" : "calls"}`,
    sweep,
    ...(prices.length === 0 ? [] : [`prices: ${prices.join("; ")}`]),
  ];
  const parts = whole.filter((part) => part !== "");
  return [`  ${parts.join(" · ")}`, ...summary.unreadable.map((problem) => `  ${paint.red(problem)}`)];
}

export interface CallsOptions extends StageOptions {
  readonly limit: number;
}

/** Prints the open margin calls of all accounts. */
export async function listOpenCalls(options: CallsOptions, terminal: Terminal): Promise<void> {
  const stage = await openStage(options);
  const { entries, cursor } = await readPages(options.limit, async (query) => {
    const answer = await stage.ask("the list of calls", (client) => client.GET("/v1/calls", { params: { query } }));
    return { entries: answer.calls, cursor: answer.next_cursor };
  });
  const found = { calls: [...entries], next_cursor: cursor };
  printFound(terminal, options, found, (shown, paint) => callListText(shown, "no call is open", paint));
}

/** Prints a margin call with all its events. */
export async function showCall(id: string, options: StageOptions, terminal: Terminal): Promise<void> {
  const stage = await openStage(options);
  const call = await stage.ask(`call ${id}`, (client) => client.GET("/v1/calls/{id}", { params: { path: { id } } }));
  printFound(terminal, options, call, (shown, paint) => callText(shown, terminal.columns, paint));
}

function callText(call: Schemas["Call"], columns: number, paint: Paint): string {
  const { severity, worst_severity: worst } = call;
  const last = call.events.at(-1);
  const required = requiredText(call) === "" ? [] : [`a deposit of ${requiredText(call)} ends it`];
  const state = call.status === "open" ? paintSeverity(severity, severity, paint) : paint.green("cured");
  const heading = [
    `  ${paint.bold(`Call ${call.call_id}`)}  ${accountWords(call.account_id, call.pool_id)}  ${state}`,
    `  ${[`open since ${timeWords(call.opened_at)}`, `at worst ${paintSeverity(worst, worst, paint)}`, ...required].join(", ")}`,
  ];
  const events = call.events.map((event) =>
    [
      `  ${paint.bold(event.event_id)}  ${timeWords(event.occurred_at)}  ${event.event_type.replace("margin.call.", "")}` +
        `  ${paintSeverity(event.severity, event.severity, paint)}`,
      ...event.text
        .split("\n")
        .flatMap((line) => wrap(line, columns - 4))
        .map((line) => `    ${line}`),
    ].join("\n"),
  );
  const ladder = call.status === "open" ? callPricesTable("Call prices", last?.ladder ?? [], paint) : "";
  return `${[heading.join("\n"), ...events, ladder].filter((section) => section !== "").join("\n\n")}\n`;
}
