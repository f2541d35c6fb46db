/** One invocation, as sent to a sandbox's process. */
export interface SandboxRequest {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  /** Time of the timeout, in milliseconds since 1970. */
  readonly deadlineMs: number;
  /** The market's time, in milliseconds since 1970, that the function is to go by; null leaves it to the event. */
  readonly localTimeMs: number | null;
  /** JSON text. */
  readonly event: string;
}

/** Why an invocation failed, as Lambda words it. */
export interface InvocationError {
  /** The error's class, or `Sandbox.Timedout`, `Runtime.ExitError`, `Runtime.ImportModuleError`. */
  readonly errorType: string;
  readonly errorMessage: string;
  readonly stackTrace: readonly string[];
}

/** What the process says once after loading and once after each request. */
export type SandboxAnswer = { readonly peakRssBytes: number } & (
  | { readonly kind: "loaded" }
  | { readonly kind: "succeeded" /** JSON text. */; readonly payload: string }
  | { readonly kind: "failed"; readonly error: InvocationError }
);
