/** The kinds of file that people give, each as it is called. */
export const fileKinds = {
  portfolio: "a portfolio",
  quotes: "a batch of quotes",
  events: "account events",
  parameters: "a parameter set or a part of one",
  controls: "controls of parameters",
  chain: "a recorded market",
  candles: "candles",
  scenarios: "joint scenarios",
  result: "a result of a command",
  "span-file": "a SPAN parameter file",
  "span-positions": "positions on a SPAN parameter file",
} as const;
export type GivenKind = keyof typeof fileKinds;
