import { createLogUpdate } from "log-update";
import { bar } from "./bar.ts";
import type { Terminal } from "./terminal.ts";

/** Progress of one long task on standard error: a bar where a person watches, else a line for each tenth. */
export interface Progress {
  readonly show: (share: number, words: string) => void;
  /** Takes the bar away. */
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
        terminal.err(`${reached * 10} %  ${words}\n`);
      },
      close: () => {},
    };
  }
  const frame = createLogUpdate(process.stderr);
  let drawnAtMs = 0;
  return {
    show: (share, words) => {
      const nowMs = Date.now();
      if (nowMs - drawnAtMs < frameMs && share < 1) return;
      drawnAtMs = nowMs;
      frame(`  ${bar({ done: share, total: 1 }, terminal.paint)} ${(share * 100).toFixed(0)} %  ${words}`);
    },
    close: () => {
      frame.clear();
      frame.done();
    },
  };
}
