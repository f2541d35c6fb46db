import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Session, type SessionKind } from "../../packages/cli/src/start/session.ts";
import type { Idleness, Patience, Stage } from "../../packages/cli/src/start/stage-port.ts";

// The stage's own rest is tested on emulators; here is what a session makes of a stage that comes to none.

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Rests on a stage that answers so, each answer taking as long as it may; gives what was said and how long it took. */
async function rest(kind: SessionKind, answers: (asked: number) => Idleness) {
  const notes: string[] = [];
  let asked = 0;
  const waitUntilIdle = async ({ timeoutMs }: Patience) => {
    const answer = answers(asked);
    asked += 1;
    if (!answer.isIdle) vi.advanceTimersByTime(timeoutMs);
    return answer;
  };
  const session = new Session(
    { waitUntilIdle } as unknown as Stage,
    (event) => event.kind === "note" && notes.push(event.text),
    kind,
  );
  const beganMs = performance.now();
  const problem = await session.rest().then(
    () => null,
    (error: Error) => error.message,
  );
  return { notes, problem, seconds: (performance.now() - beganMs) / 1_000 };
}

const retrying = "ShardWork has 1 that failed and wait for their next try";

describe("a session that waits", () => {
  it("ends what must be complete after a bounded time, and has said what it waits for", async () => {
    const told = await rest("complete", () => ({ isIdle: false, underWay: [], waiting: [retrying] }));
    expect(told).toEqual({
      notes: [`waiting: ${retrying}`],
      problem: `nothing moves for 480 s: ${retrying}`,
      seconds: 480,
    });
  });

  it("is not outlasted by a message that fails again and again between its waits", async () => {
    const told = await rest("complete", (asked) =>
      asked % 2 === 0
        ? { isIdle: false, underWay: [], waiting: [retrying] }
        : { isIdle: false, underWay: [`ComputeShard has ${asked} invocations`], waiting: [retrying] },
    );
    expect(told.problem).toContain("nothing moves for 480 s");
    expect(told.seconds).toBe(480);
  });

  it("goes on for as long as work goes on", async () => {
    const told = await rest("complete", (asked) =>
      asked < 300
        ? { isIdle: false, underWay: [`AccountEvents has ${9_000 - asked} visible`], waiting: [] }
        : { isIdle: true, underWay: [], waiting: [] },
    );
    expect(told).toEqual({ notes: [], problem: null, seconds: 1_500 });
  });

  it("lets the demo go on over work that stands still, and over what is left for later", async () => {
    const stuck = await rest("demo", () => ({
      isIdle: false,
      underWay: ["ShardWork has 0 visible, 1 in flight"],
      waiting: [],
    }));
    expect(stuck).toMatchObject({ problem: null, seconds: 125 });
    expect(stuck.notes).toEqual(["nothing moves for 120 s: ShardWork has 0 visible, 1 in flight"]);
    const left = await rest("demo", () => ({ isIdle: true, underWay: [], waiting: [retrying] }));
    expect(left).toEqual({ notes: [`left for later: ${retrying}`], problem: null, seconds: 0 });
  });
});
