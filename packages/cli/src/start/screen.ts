import { openFrame } from "../output/frame.ts";
import { ownLines, visibleIn } from "../output/shown.ts";
import { plainPaint, type Terminal } from "../output/terminal.ts";
import { CallBuffer } from "./call-buffer.ts";
import { callLines } from "./call-lines.ts";
import { count } from "./counts.ts";
import { panel, percentMove } from "./panel.ts";
import { advance, initialState, type ProgressState } from "./progress-state.ts";
import type { PricesPosted, SessionEvent } from "./session-events.ts";

const frameMs = 100;
const mostCalls = 6;

/** Shows a session on a terminal. What has happened, and the calls, scroll by above a live panel. */
export interface Screen {
  readonly show: (event: SessionEvent) => void;
  /** Draws the panel a last time and gives the cursor back. Calling it again does nothing. */
  readonly close: () => void;
}

export function openScreen(terminal: Terminal): Screen {
  const { paint } = terminal;
  const stream = process.stdout;
  const isPainted = paint !== plainPaint;
  const frame = openFrame(stream);
  const calls = new CallBuffer();
  let state: ProgressState = initialState;
  const width = () => stream.columns ?? terminal.columns;
  // What is in the state is visible already, and to look through all accounts at every frame would cost too much.
  const draw = () => frame.draw(ownLines(panel(state, { columns: width(), paint, nowMs: Date.now() }), isPainted));
  frame.persist(ownLines(`\n  ${paint.bold("Plimsoll")}, the local stage`, isPainted));
  let isOpen = true;
  const timer = setInterval(draw, frameMs);
  draw();
  return {
    show: (given) => {
      const event = visibleIn(given);
      state = advance(state, event);
      const lines = [...lasting(event), ...callBlock(event)];
      if (lines.length > 0) frame.persist(ownLines(lines.join("\n"), isPainted));
    },
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      clearInterval(timer);
      draw();
      frame.done();
    },
  };

  function callBlock(event: SessionEvent): string[] {
    const events = calls.take(event);
    return events.length === 0 ? [] : ["", ...callLines(events, { most: mostCalls, columns: width(), paint })];
  }

  function lasting(event: SessionEvent): string[] {
    switch (event.kind) {
      case "done":
        return [`  ${paint.green("✓")} ${event.text}`];
      case "note":
        return [`  ${paint.yellow("!")} ${event.text}`];
      case "settled":
        return [`  ${paint.green("✓")} positions that expired settled for ${count(event.accounts)} accounts`];
      case "prices":
        return event.prices.cause === "shock" ? shock(event.prices) : [];
      default:
        return [];
    }
  }

  function shock({ asOfMs, underlyings }: PricesPosted): string[] {
    const moved = underlyings.filter(({ change }) => Math.abs(change - 1) > 0.005);
    const words = moved.map(({ underlying, change }) => `${underlying} ${percentMove(change)}`).join(", ");
    return ["", `  ${paint.bold(paint.red(`Price shock: ${words}`))} ${paint.dim(new Date(asOfMs).toISOString())}`];
  }
}
