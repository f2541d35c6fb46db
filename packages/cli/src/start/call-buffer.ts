import type { CallEvent } from "@plimsoll/schema";
import type { SessionEvent } from "./session-events.ts";

/** Holds call events back until their sweep is through, so that the gravest of them can come first. */
export class CallBuffer {
  #events: CallEvent[] = [];

  /**
   * Takes in an event, and returns the calls to show now. These are all calls of a sweep when it is through, and else
   * none.
   */
  take(event: SessionEvent): readonly CallEvent[] {
    if (event.kind === "calls") this.#events.push(...event.events);
    if (event.kind !== "swept") return [];
    const events = this.#events;
    this.#events = [];
    return events;
  }
}
