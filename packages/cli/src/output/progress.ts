import { bar } from "./bar.ts";
import { openFrame } from "./frame.ts";
import { line, rendered } from "./shown.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Shows the progress of one long task on standard error: a bar where a person watches, or else a line for each tenth.
 */
export interface Progress {
  readonly show: (share: number, words: string) => void;
  /** Removes the bar. */
  readonly close: () => void;
}

const frameMs = 100;

export function openProgress(terminal: Terminal): Progress {
  if (!terminal.isTty) {
    let tenths = -1;
    return {
      show: (share, words) => {
        const reached = Math.floor(share * 10);
        if (reached <= tenths) return;
        tenths = reached;
        terminal.err(line`${reached * 10} %  ${words}`);
      },
      close: () => {},
    };
  }
  const frame = openFrame(process.stderr);
  let drawnAtMs = 0;
  return {
    show: (share, words) => {
      const nowMs = Date.now();
      if (nowMs - drawnAtMs < frameMs && share < 1) return;
      drawnAtMs = nowMs;
      const filled = bar({ done: share, total: 1 }, terminal.paint);
      frame.draw(rendered(words, (shown) => `  ${filled} ${(share * 100).toFixed(0)} %  ${shown}`));
    },
    close: () => {
      frame.clear();
      frame.done();
    },
  };
}
