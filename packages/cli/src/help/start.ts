import type { defaultSeed, sampleAccountsLimit } from "@plimsoll/markets";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { StartOptions } from "../commands/start.ts";
import type { Terminal } from "../output/terminal.ts";
import type { Moves } from "../start/market-motion.ts";
import { priceOption, wholeNumber } from "./options.ts";

/** The figures of the package, whose code is not loaded for these words. The compiler checks that they are equal. */
const seed: typeof defaultSeed = 1;
const mostAccounts: typeof sampleAccountsLimit = 200_000;

const examples = `
Examples:
  $ plimsoll start                                     the demo: sample market, 200 accounts, a 12 % fall
  $ plimsoll start --market test/fixtures/data/options/deribit_chain_20260205T155132Z.csv.gz --accounts 2000
  $ plimsoll start --once --json                       one sweep, one JSON object, exit code 0
  $ plimsoll start --replay test/fixtures/data/options --accounts 2000 --out run1
  $ plimsoll start --empty --port 4000 --data stage    a stage of your own, which waits for your prices and accounts
  $ plimsoll start --shock BTC=-20% --shock ETH=-25%

The stacks of sst.config.ts are evaluated and their tables, queues, topics, functions and schedule run on this machine.
A recorded market runs on its own clock. In a replay, positions that expire between two recordings are settled at the
first index after their expiry, as an exchange would, so every account is margined at every snapshot.
With --empty nothing is posted and no account is drawn. The schedules run by the clock, a sweep each minute once there
are prices. What a program needs to reach the stage is printed as lines for a shell, or with --json as one JSON object,
then a line for each sweep and call. --port N fixes all ports: the API on N, DynamoDB on N+1, SQS and SNS on N+2.
--out writes events.jsonl and results.jsonl; equal options give equal bytes with --once and --replay.`;

export function addStartCommand(program: Command, terminal: Terminal): void {
  program
    .command("start")
    .summary("start the local stage with a market and accounts, and watch it margin them")
    .description(
      "Runs the whole system on this machine: a live demo, one sweep (--once), or a recorded crash (--replay).",
    )
    .addOption(
      new Option("--empty", "no market, no accounts, no shock: a stage for your own, until Ctrl-C").conflicts(
        ofTheDemo,
      ),
    )
    .option("-m, --market <market>", "sample, a chain file (.csv, .csv.gz, .json) or deribit:BTC,ETH", "sample")
    .addOption(priceOption())
    .option("-a, --accounts <n>", "how many accounts to draw", accountCount, 200)
    .option("--positions <n>", "positions of each account (3 to 20 when left out)", wholeNumber("positions", 1, 1_000))
    .option("--seed <n>", "seed of market, accounts and walk", wholeNumber("seed", 0, 2 ** 48), seed)
    .option("--replay <folder>", "play the recorded chains of a folder in order of their time")
    .option("--speed <factor>", "recorded seconds per second in a replay (as fast as it goes when left out)", positive)
    .option("--once", "one sweep, then stop")
    .option("--json", "with --once, --replay or --empty: print one JSON object, everything else on stderr")
    .option("--shock <moves>", "price shock such as BTC=-12% (the demo's own when left out; may be repeated)", addShock)
    .option("--interval <seconds>", "seconds between two sweeps (the schedule's own when left out)", positive)
    .option("--data <folder>", "keep the stage's state there between runs")
    .option(
      "--port <n>",
      "port of the API; 0 takes a free one (with --empty all ports)",
      wholeNumber("port", 0, 65_535),
      0,
    )
    .option("--out <folder>", "write events.jsonl and results.jsonl there")
    .addHelpText("after", examples)
    .action(async (options: StartOptions) => (await import("../commands/start.ts")).start(options, terminal));
}

/** The options that say what the demo posts and does, which --empty excludes. */
const ofTheDemo = [
  "market",
  "price",
  "accounts",
  "positions",
  "seed",
  "replay",
  "speed",
  "once",
  "shock",
  "interval",
  "out",
] satisfies (keyof StartOptions)[];

function accountCount(text: string): number {
  if (text === "0") throw new InvalidArgumentError("A demo has accounts; for a stage without any, use --empty.");
  return wholeNumber("accounts", 1, mostAccounts)(text);
}

function positive(text: string): number {
  const value = Number(text);
  if (/^\d{1,9}(\.\d{1,6})?$/.test(text) && value > 0) return value;
  throw new InvalidArgumentError("It must be a number above 0.");
}

function addShock(text: string, before: Moves = new Map()): Moves {
  const parts = text.split(",").map((part) => /^([A-Z0-9]{1,16})=([+-]?\d{1,3}(?:\.\d{1,4})?)%$/.exec(part));
  const moves = parts.map((part) => [part?.[1] ?? "", 1 + Number(part?.[2]) / 100] as const);
  if (!moves.every(([, multiple]) => multiple > 0)) {
    throw new InvalidArgumentError("Write it as BTC=-12%, a move of more than -100 %.");
  }
  const names = [...before.keys(), ...moves.map(([underlying]) => underlying)];
  const twice = names.find((underlying, index) => names.indexOf(underlying) < index);
  if (twice !== undefined) throw new InvalidArgumentError(`${twice} is given twice: give each underlying one move.`);
  const still = moves.filter(([, multiple]) => multiple === 1).map(([underlying]) => underlying);
  if (still.length > 0) {
    throw new InvalidArgumentError(`${still.join(", ")} would not move: leave it out, or give a move such as -12%.`);
  }
  return new Map([...before, ...moves]);
}
