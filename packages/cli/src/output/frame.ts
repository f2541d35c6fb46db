import { createLogUpdate } from "log-update";
import type { ShownText } from "./shown.ts";

/** A part of the terminal that is drawn over and over, below what scrolls by. Cursor movements are its own, never a text's. */
export interface Frame {
  readonly draw: (text: ShownText) => void;
  /** Text that scrolls by above the frame and stays. */
  readonly persist: (text: ShownText) => void;
  /** Takes the frame away. */
  readonly clear: () => void;
  /** Leaves the frame as it is and gives the cursor back. */
  readonly done: () => void;
}

/** Opens a frame on one of the process's streams. */
export function openFrame(stream: NodeJS.WriteStream): Frame {
  const frame = createLogUpdate(stream);
  return { draw: frame, persist: frame.persist, clear: frame.clear, done: frame.done };
}
