import type { CallEvent } from "@plimsoll/schema";
import type { SessionEvent } from "./session-events.ts";

/** Holds calls back until their sweep is through, so that the gravest of all of them can come first. */
export class CallBuffer {
  #events: CallEvent[] = [];

  /** The calls to show now: those of a sweep when it is through, else none. */
  take(event: SessionEvent): readonly CallEvent[] {
    if (event.kind === "calls") this.#events.push(...event.events);
    if (event.kind !== "swept") return [];
    const events = this.#events;
    this.#events = [];
    return events;
  }
}
