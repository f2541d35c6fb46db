import type { CallEvent } from "@plimsoll/schema";
import type { SessionEvent } from "./session-events.ts";

/** When calls are shown: with the sweep that made them, the gravest first, or as they come. */
export type CallOrder = "with their sweep" | "as they come";

/** Holds call events back until their sweep is through, so that the gravest of them can come first. */
export class CallBuffer {
  readonly #order: CallOrder;
  #events: CallEvent[] = [];

  constructor(order: CallOrder = "with their sweep") {
    this.#order = order;
  }

  /**
   * Takes in an event, and returns the calls to show now. These are all calls of a sweep when it is through, and else
   * none.
   */
  take(event: SessionEvent): readonly CallEvent[] {
    if (event.kind === "calls") this.#events.push(...event.events);
    if (event.kind !== "swept" && this.#order === "with their sweep") return [];
    const events = this.#events;
    this.#events = [];
    return events;
  }
}
