import type { Schemas } from "@plimsoll/client";
import { checkKind, parseJson, Rejects, readText } from "@plimsoll/files";
import { InputError } from "@plimsoll/files/input-error";
import { readPortfolio } from "../margin/read-portfolio.ts";
import { reportRejects } from "../output/report-market.ts";
import type { Terminal } from "../output/terminal.ts";

/** A method that the client knows. The stage says whether it has it. */
type Method = NonNullable<Schemas["WhatIfRequest"]["method_id"]>;

/** What a question may change, as its options say it. */
export interface ChangeOptions {
  readonly pool?: string;
  readonly portfolio?: string;
  readonly fill?: readonly string[];
  readonly transfer?: readonly string[];
  readonly price?: readonly string[];
  readonly vol?: readonly string[];
  readonly days?: string;
  readonly method?: Method;
  readonly parametersVersion?: string;
  readonly parameters?: string;
}

/** Builds the request from the options. Throws an `InputError` that shows how an option is written. */
export function whatIfRequest(
  account: string | undefined,
  options: ChangeOptions,
  terminal: Terminal,
): Schemas["WhatIfRequest"] {
  const { pool, portfolio, method, parametersVersion, parameters, days } = options;
  const { fill = [], transfer = [], price = [], vol = [] } = options;
  if ((account === undefined) === (portfolio === undefined)) {
    throw new InputError("name an account, or --portfolio <file>, and not both", { mistakeIn: "request" });
  }
  return {
    ...(account !== undefined && { account_id: account }),
    ...(portfolio !== undefined && { portfolio: freePortfolio(portfolio, terminal) }),
    ...(pool !== undefined && { pool_id: pool }),
    ...(method !== undefined && { method_id: method }),
    ...(parametersVersion !== undefined && { parameters_version: parametersVersion }),
    ...(parameters !== undefined && { parameters: readChanges(parameters) }),
    changes: { fills: fill.map(fillOf), transfers: transfer.map(transferOf) },
    market: {
      prices: price.map(priceMoveOf),
      volatilities: vol.map(volatilityMoveOf),
      ...(days !== undefined && { days_forward: daysOf(days) }),
    },
  };
}

/** Reads a parameter file that names what it changes. The stage checks it against its own set. */
function readChanges(path: string): Record<string, unknown> {
  const given = parseJson(path, readText(path));
  checkKind(path, given, "parameters");
  return { ...(given as Record<string, unknown>) };
}

function freePortfolio(path: string, terminal: Terminal): Schemas["FreePortfolio"] {
  const rejects = new Rejects(path);
  const file = readPortfolio(path, rejects);
  reportRejects(rejects, terminal);
  if (!file) throw new InputError(`${path} was refused: repair what is listed above`);
  const { account_id: _, pools, positions, method_id, ...contents } = file;
  if (pools.length === 0) {
    return {
      ...contents,
      method_id: method_id as Method,
      positions: positions.map(({ entry_price, ...held }) => ({ ...held, ...(entry_price && { entry_price }) })),
    };
  }
  throw new InputError(`${path} has pools beside its own: give one pool, as a file of its own, for each question`);
}

const number = String.raw`[+-]?\d+(?:\.\d+)?`;

/** Takes an option apart at its last `=`. Throws an `InputError` with an example if a part is not as it should be. */
function readOption(option: string, text: string, value: RegExp, example: string): RegExpExecArray & { name: string } {
  const at = text.lastIndexOf("=");
  const name = text.slice(0, Math.max(0, at));
  const found = value.exec(text.slice(at + 1));
  if (name === "" || found === null) {
    throw new InputError(`${option} ${text}: write it as ${option} ${example}`, { mistakeIn: "request" });
  }
  return Object.assign(found, { name });
}

const withoutPlus = (text = "") => text.replace(/^\+/, "");

const fillForm = new RegExp(`^(${number})(?:@(${number}))?$`);
const amountForm = new RegExp(`^(${number})$`);
const percentForm = new RegExp(`^(${number})\\s*%$`);
const priceForm = new RegExp(`^(${number})\\s*(%?)$`);

function fillOf(text: string) {
  const found = readOption("--fill", text, fillForm, "BTC-PERPETUAL=-0.5 or BTC-PERPETUAL=-0.5@70000");
  const [, quantity, price] = found;
  const fill = { instrument_id: found.name, quantity: withoutPlus(quantity) };
  return price === undefined ? fill : { ...fill, price: withoutPlus(price) };
}

function transferOf(text: string) {
  const found = readOption("--transfer", text, amountForm, "USD=1000, or USD=-1000 for a withdrawal");
  return { asset: found.name, amount: withoutPlus(found[1]) };
}

function priceMoveOf(text: string) {
  const found = readOption("--price", text, priceForm, "BTC=-12% or BTC=61000");
  const [, figure, percent] = found;
  const moved = withoutPlus(figure);
  return percent === "%" ? { underlying: found.name, move_pct: moved } : { underlying: found.name, price: moved };
}

function volatilityMoveOf(text: string) {
  const found = readOption("--vol", text, percentForm, "BTC=+20%");
  return { underlying: found.name, move_pct: withoutPlus(found[1]) };
}

function daysOf(text: string): number {
  if (/^\d{1,4}(\.\d+)?$/.test(text)) return Number(text);
  throw new InputError(`--days ${text}: write a number of days from now on, such as 1 or 0.5`, {
    mistakeIn: "request",
  });
}
