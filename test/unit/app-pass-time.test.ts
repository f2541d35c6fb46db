import { describe, expect, it } from "vitest";
import { inSlices, type PassPart, passTime } from "../../packages/app/src/margin/pass-time.ts";

/** A clock of 100 ms that each unit of work moves by one; what is done of works that take so many units. */
function run(costs: readonly number[], part: PassPart): string[] {
  let leftMs = 100;
  const time = passTime(() => leftMs);
  const done: string[] = [];
  inSlices(costs, part, time, (cost, mayGoOn) => {
    for (let unit = 0; unit < cost; unit += 1) {
      if (!mayGoOn()) return false;
      leftMs -= 1;
    }
    done.push(String(cost));
    return true;
  });
  return done;
}

describe("the time of a pass", () => {
  it("is divided so that one that takes too long costs no other its result", () => {
    // Of the 70 there are the first gets 17.5; seen to fail without slices.
    expect(run([500, 4, 3, 2], "ladders")).toEqual(["4", "3", "2"]);
  });

  it("goes to those whose slice was too small once the others are done", () => {
    expect(run([30, 4, 3, 2], "ladders")).toEqual(["4", "3", "2", "30"]);
  });

  it("ends where its part ends, and no sooner", () => {
    expect(run(Array(20).fill(5), "margins")).toHaveLength(12);
    expect(run([1, 1, 1, 1], "extras")).toHaveLength(4);
  });
});
