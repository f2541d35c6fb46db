import { printFound, type Terminal } from "../output/terminal.ts";
import { openStage, type StageOptions } from "../stage/open-stage.ts";
import { type ChangeOptions, whatIfRequest } from "../whatif/what-if-request.ts";
import { whatIfText } from "../whatif/what-if-text.ts";

export interface WhatIfOptions extends StageOptions, ChangeOptions {}

/** Asks a stage what a change would make of an account or of a portfolio, and prints before, after and the difference. */
export async function whatIf(account: string | undefined, options: WhatIfOptions, terminal: Terminal): Promise<void> {
  const body = whatIfRequest(account, options, terminal);
  const stage = await openStage(options);
  const subject = account === undefined ? "what if" : `account ${account}`;
  const answer = await stage.ask(subject, (client) => client.POST("/v1/margin/simulate", { body }));
  printFound(terminal, options, answer, whatIfText);
}
