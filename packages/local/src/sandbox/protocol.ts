/** One invocation as it is sent to a sandbox's process. */
export interface SandboxRequest {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  /** Time of the timeout, in milliseconds since 1970. */
  readonly deadlineMs: number;
  /** The market's time for the function, in milliseconds since 1970. With null the function uses the event's time. */
  readonly localTimeMs: number | null;
  /** The event as a JSON text. */
  readonly event: string;
}

/** The reason of a failed invocation, in Lambda's form. */
export interface InvocationError {
  /** The class of the error, or `Sandbox.Timedout`, `Runtime.ExitError` or `Runtime.ImportModuleError`. */
  readonly errorType: string;
  readonly errorMessage: string;
  readonly stackTrace: readonly string[];
}

/** The message that the process sends once after loading and once after each request. */
export type SandboxAnswer = { readonly peakRssBytes: number } & (
  | { readonly kind: "loaded" }
  | { readonly kind: "succeeded" /** JSON text. */; readonly payload: string }
  | { readonly kind: "failed"; readonly error: InvocationError }
);
