/** Named values of a log message, beside its text. */
export type Facts = Readonly<Record<string, unknown>>;

/** The log of what the system did and what it could not do. */
export interface Log {
  readonly info: (message: string, facts: Facts) => void;
  readonly warn: (message: string, facts: Facts) => void;
  readonly error: (message: string, facts: Facts) => void;
}

/** Starts a measurement and returns a function that gives the milliseconds since then. Use it only for durations. */
export type Stopwatch = () => () => number;
