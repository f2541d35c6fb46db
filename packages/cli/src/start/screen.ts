import { createLogUpdate } from "log-update";
import type { Terminal } from "../output/terminal.ts";
import { callLines } from "./call-lines.ts";
import { panel } from "./panel.ts";
import { advance, initialState, type ProgressState } from "./progress-state.ts";
import type { SessionEvent } from "./session-events.ts";

const frameMs = 100;
const mostCalls = 6;

/** A session on a terminal: calls scroll by above a live panel. */
export interface Screen {
  readonly show: (event: SessionEvent) => void;
  /** Draws the panel a last time and gives the cursor back. */
  readonly close: () => void;
}

export function openScreen(terminal: Terminal): Screen {
  const { paint } = terminal;
  const stream = process.stdout;
  const frame = createLogUpdate(stream);
  let state: ProgressState = initialState;
  const width = () => stream.columns ?? terminal.columns;
  const draw = () => frame(panel(state, { columns: width(), paint, nowMs: Date.now() }));
  const timer = setInterval(draw, frameMs);
  draw();
  return {
    show: (event) => {
      state = advance(state, event);
      for (const line of lasting(event)) frame.persist(line);
    },
    close: () => {
      clearInterval(timer);
      draw();
      frame.done();
    },
  };

  function lasting(event: SessionEvent): string[] {
    switch (event.kind) {
      case "note":
        return [`  ${paint.dim(event.text)}`];
      case "settled":
        return [`  ${paint.dim(`${event.accounts} accounts had positions settled that expired`)}`];
      case "calls":
        return ["", ...callLines(event.events, { most: mostCalls, columns: width(), paint })];
      case "prices": {
        const { cause, asOfMs, underlyings } = event.prices;
        if (cause !== "shock") return [];
        const falls = underlyings.filter(({ multiple }) => multiple !== 1);
        const words = falls.map(({ underlying, multiple }) => `${underlying} ${((multiple - 1) * 100).toFixed(1)} %`);
        return ["", `  ${paint.bold(`Price shock: ${words.join(", ")}`)} ${paint.dim(new Date(asOfMs).toISOString())}`];
      }
      default:
        return [];
    }
  }
}
