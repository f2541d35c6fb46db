import { createLogUpdate } from "log-update";
import type { ShownText } from "./shown.ts";

/**
 * A part of the terminal that is drawn over and over, below the text that scrolls by. Only the frame itself moves the
 * cursor, never a text.
 */
export interface Frame {
  readonly draw: (text: ShownText) => void;
  /** Writes text that scrolls by above the frame and stays. */
  readonly persist: (text: ShownText) => void;
  /** Removes the frame. */
  readonly clear: () => void;
  /** Leaves the frame as it is and gives the cursor back. */
  readonly done: () => void;
}

/** Opens a frame on one of the process's streams. */
export function openFrame(stream: NodeJS.WriteStream): Frame {
  const frame = createLogUpdate(stream);
  return { draw: frame, persist: frame.persist, clear: frame.clear, done: frame.done };
}
