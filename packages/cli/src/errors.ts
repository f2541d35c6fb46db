/** The exit codes of the command, which `plimsoll --help` also prints. */
export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

/**
 * Says what stopped a command, in words for whoever typed it: the field, the value and the remedy. It is printed
 * without a stack.
 */
export class CommandError extends Error {
  readonly exitCode: number;
  /**
   * What is printed, line by line. An end of line within one of them is part of a name or a value, and is shown as an
   * escape.
   */
  readonly lines: readonly string[];

  constructor(
    message: string | readonly string[],
    options: { readonly exitCode?: number; readonly cause?: unknown } = {},
  ) {
    const lines = typeof message === "string" ? [message] : message;
    super(lines.join("\n"), "cause" in options ? { cause: options.cause } : {});
    this.name = "CommandError";
    this.lines = lines;
    this.exitCode = options.exitCode ?? exitCodes.failed;
  }
}
