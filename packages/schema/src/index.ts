export * from "./account-events.ts";
export * from "./call-event.ts";
export * from "./portfolio-file.ts";
export * from "./primitives.ts";
export * from "./quotes.ts";
export * from "./run-summary.ts";
