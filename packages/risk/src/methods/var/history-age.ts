import type { MarginNote } from "../../model/index.ts";
import { MS_PER_DAY } from "../../numbers/time.ts";
import type { VarMethodParameters } from "./parameters.ts";
import type { JointFault } from "./prepare-scenarios.ts";

/**
 * Checks the age of a history against `asOfMs`, the time of the prices. Returns null up to an age of `noteDays`, and a
 * note that names the age beyond that. Returns a fault beyond `limitDays` if the simulation reads the volatility of now
 * from the end of the history. Plain historical simulation does not read it, so it gets a note only. `endsMs` is when
 * the last move was complete, in milliseconds since 1970. It is null if the scenarios have no dates, which gets a note.
 */
export function checkHistoryAge(
  { historySetId, historyAge, simulation }: VarMethodParameters,
  endsMs: number | null,
  asOfMs: number,
): MarginNote | JointFault | null {
  const readsNow = simulation !== "historical";
  if (endsMs === null) {
    const consequence = readsNow ? ", and so not what volatility is now" : "";
    return noteAge(`${historySetId} has no dates: its age is not known${consequence}`);
  }
  const ageDays = (asOfMs - endsMs) / MS_PER_DAY;
  if (Math.abs(ageDays) <= historyAge.noteDays) return null;
  const ends = `ends ${new Date(endsMs).toISOString().slice(0, 10)}`;
  const days = Math.floor(Math.abs(ageDays));
  if (ageDays < 0) return noteAge(`${historySetId} ${ends}, ${days} days after these prices: it knows what came`);
  if (readsNow && ageDays > historyAge.limitDays) {
    return {
      field: "methods.var.history_set_id",
      value: `${historySetId}: it ${ends}, ${days} days before these prices, at most ${historyAge.limitDays}`,
      remedy:
        "build it anew to the present with plimsoll scenarios, raise methods.var.history_age.limit_days, or use simulation historical",
    };
  }
  const consequence = readsNow ? "volatility now is that of its end" : "what happened since is in no scenario";
  return noteAge(`${historySetId} ${ends}, ${days} days before these prices: ${consequence}`);
}

function noteAge(text: string): MarginNote {
  return { code: "history_age", text };
}
