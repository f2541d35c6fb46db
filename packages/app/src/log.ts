/** What a message of the log says beside its text, by the names that logs are searched by. */
export type Facts = Readonly<Record<string, unknown>>;

/** Where the system says what it did and what it could not do. */
export interface Log {
  readonly info: (message: string, facts: Facts) => void;
  readonly warn: (message: string, facts: Facts) => void;
  readonly error: (message: string, facts: Facts) => void;
}

/** Starts to measure; what it returns gives the milliseconds since then. For durations only. */
export type Stopwatch = () => () => number;
