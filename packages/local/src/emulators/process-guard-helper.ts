import { createInterface } from "node:readline";

// This runs as a process of its own, see process-guard.ts. It must survive every signal that a terminal sends.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

const guarded = new Set<number>();
const lines = createInterface({ input: process.stdin });

lines.on("line", (line) => {
  const pid = Number(line.slice(1));
  if (line.startsWith("+")) guarded.add(pid);
  else guarded.delete(pid);
});

lines.on("close", () => {
  for (const pid of guarded) {
    try {
      process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
    } catch {
      // The process ended by itself.
    }
  }
  process.exit();
});
