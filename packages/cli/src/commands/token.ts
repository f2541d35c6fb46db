import { line } from "../output/shown.ts";
import { printFound, type Terminal } from "../output/terminal.ts";
import { openStage, type StageOptions } from "../stage/open-stage.ts";

export interface TokenOptions extends StageOptions {
  readonly seconds: number;
}

/** Prints a token for a trader's account, and nothing else, so that a shell can keep it in a variable. */
export async function token(accountId: string, options: TokenOptions, terminal: Terminal): Promise<void> {
  const stage = await openStage(options);
  const made = await stage.ask(`a token for account ${accountId}`, (client) =>
    client.POST("/v1/tokens", { body: { account_id: accountId, seconds: options.seconds } }),
  );
  if (options.json) printFound(terminal, options, made, () => "");
  else terminal.out(line`${made.token}`);
}
