import { InputError } from "@plimsoll/files/input-error";
import type { Severity } from "@plimsoll/risk";
import { accountText } from "../account/account-text.ts";
import {
  callListText,
  curesText,
  historyText,
  ladderText,
  positionsText,
  scenariosText,
} from "../account/account-views.ts";
import { explainText } from "../explain/explain-text.ts";
import { printFound, type Terminal } from "../output/terminal.ts";
import { type OpenStage, openStage, readPages, type StageOptions } from "../stage/open-stage.ts";

/** What there is to see of an account beside its margin. Each is a route of its own. */
export const accountViews = ["scenarios", "ladder", "cures", "positions", "explain", "history", "calls"] as const;
type View = (typeof accountViews)[number];

export interface AccountOptions extends StageOptions, Partial<Record<View, true>> {
  /** All pools where it is left out and the margin is asked for; else the cross pool. */
  readonly pool?: string;
  readonly restore: Severity;
  readonly limit: number;
}

/** Prints the margin of an account, or one other view of it. */
export async function account(id: string, options: AccountOptions, terminal: Terminal): Promise<void> {
  const stage = await openStage(options);
  const view = accountViews.find((name) => options[name]);
  if (view === undefined) return printMargin(id, options, stage, terminal);
  return printView[view]({ id, options, stage, terminal, params: paramsOf(id, options) });
}

async function printMargin(id: string, options: AccountOptions, stage: OpenStage, terminal: Terminal): Promise<void> {
  const answer = await stage.ask(`account ${id}`, (client) =>
    client.GET("/v1/accounts/{id}/margin", { params: { path: { id } } }),
  );
  const pools = answer.pools.filter(({ pool_id }) => options.pool === undefined || pool_id === options.pool);
  if (pools.length === 0) {
    const names = answer.pools.map(({ pool_id }) => pool_id).join(", ");
    throw new InputError(`account ${id} has no pool ${options.pool}: it has ${names}`, { mistakeIn: "request" });
  }
  printFound(terminal, options, { ...answer, pools }, accountText);
}

function paramsOf(id: string, { pool }: AccountOptions) {
  return { path: { id }, query: { ...(pool !== undefined && { pool_id: pool }) } };
}

interface Viewed {
  readonly id: string;
  readonly options: AccountOptions;
  readonly stage: OpenStage;
  readonly terminal: Terminal;
  readonly params: ReturnType<typeof paramsOf>;
}

const subjectOf = ({ id, options: { pool } }: Viewed) => `account ${id}${pool === undefined ? "" : `, pool ${pool}`}`;

const printView: Readonly<Record<View, (viewed: Viewed) => Promise<void>>> = {
  async scenarios(viewed) {
    const answer = await viewed.stage.ask(subjectOf(viewed), (client) =>
      client.GET("/v1/accounts/{id}/scenarios", { params: viewed.params }),
    );
    printFound(viewed.terminal, viewed.options, answer, scenariosText);
  },
  async ladder(viewed) {
    const answer = await viewed.stage.ask(subjectOf(viewed), (client) =>
      client.GET("/v1/accounts/{id}/ladder", { params: viewed.params }),
    );
    printFound(viewed.terminal, viewed.options, answer, ladderText);
  },
  async cures(viewed) {
    const { path, query } = viewed.params;
    const { restore } = viewed.options;
    const answer = await viewed.stage.ask(subjectOf(viewed), (client) =>
      client.GET("/v1/accounts/{id}/cures", { params: { path, query: { ...query, restore } } }),
    );
    printFound(viewed.terminal, viewed.options, answer, curesText);
  },
  async positions(viewed) {
    const answer = await viewed.stage.ask(subjectOf(viewed), (client) =>
      client.GET("/v1/accounts/{id}/positions", { params: viewed.params }),
    );
    printFound(viewed.terminal, viewed.options, answer, positionsText);
  },
  async explain(viewed) {
    const { path, query } = viewed.params;
    const { restore } = viewed.options;
    const answer = await viewed.stage.ask(subjectOf(viewed), (client) =>
      client.GET("/v1/accounts/{id}/explain", { params: { path, query: { ...query, restore } } }),
    );
    const { change = null, ...explained } = answer;
    printFound(viewed.terminal, { ...viewed.options, wire: answer }, { ...explained, change }, explainText);
  },
  async history(viewed) {
    const { path, query } = viewed.params;
    let head = { account_id: viewed.id, pool_id: viewed.options.pool ?? "cross" };
    const { entries, cursor } = await readPages(viewed.options.limit, async (page) => {
      const answer = await viewed.stage.ask(subjectOf(viewed), (client) =>
        client.GET("/v1/accounts/{id}/history", { params: { path, query: { ...query, ...page } } }),
      );
      head = { account_id: answer.account_id, pool_id: answer.pool_id };
      return { entries: answer.points, cursor: answer.next_cursor };
    });
    printFound(viewed.terminal, viewed.options, { ...head, points: [...entries], next_cursor: cursor }, historyText);
  },
  async calls({ id, options, stage, terminal, params: { path } }) {
    const { entries, cursor } = await readPages(options.limit, async (query) => {
      const answer = await stage.ask(`account ${id}`, (client) =>
        client.GET("/v1/accounts/{id}/calls", { params: { path, query } }),
      );
      return { entries: answer.calls, cursor: answer.next_cursor };
    });
    const found = { calls: [...entries], next_cursor: cursor };
    printFound(terminal, options, found, (shown, paint) =>
      callListText(shown, `account ${id} has never been called`, paint),
    );
  },
};
