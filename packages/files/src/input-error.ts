/** What an `InputError` may carry beside its message. */
export interface InputErrorOptions {
  /**
   * Where the mistake is. It is `content` (the default) where a file, a folder or an answer cannot be used as it is. It
   * is `request` where what was asked for makes no sense, such as an option that names nothing. The command line ends
   * with another exit code for each.
   */
  readonly mistakeIn?: "content" | "request";
  readonly cause?: unknown;
}

/**
 * Says that what a person gave or asked for cannot be used. The message names the field, the value and the remedy.
 * Whoever shows it decides how: the command line prints its lines without a stack.
 */
export class InputError extends Error {
  override readonly name: string = "InputError";
  /** The message, line by line. An end of line within one of them is part of a name or a value. */
  readonly lines: readonly string[];
  readonly mistakeIn: "content" | "request";

  constructor(message: string | readonly string[], { mistakeIn = "content", ...options }: InputErrorOptions = {}) {
    const lines = typeof message === "string" ? [message] : message;
    super(lines.join("\n"), options);
    this.lines = lines;
    this.mistakeIn = mistakeIn;
  }
}
