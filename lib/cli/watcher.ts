/** The thread beside the loop: looks whether it turns; where it hangs, ends what was started, then the process. */

import type { LogRecord } from "@logtape/logtape";
import { systemClock } from "../clock.ts";
import { lineOf } from "../log.ts";
import { openLibc } from "../platform/libc.ts";
import { openKernel32 } from "../process/kernel32.ts";
import { sweepOwn } from "../process/sweep.ts";
import type { WatchOrder } from "./loop_watch.ts";
import { Pulse } from "./pulse.ts";

/** So often in the limit the thread looks. */
const LOOKS = 20;
/** What was started has so long to be found and killed; the next start does the rest. */
const SWEEP_MS_MAX = 7_000;
const FAILED = 1;

/** What a thread can do that the types of a main module do not know. */
interface Thread {
  onmessage: ((event: MessageEvent<WatchOrder>) => void) | null;
}

/** Waits for the order, then watches for as long as the thread lives. */
export function watch(): void {
  const thread = globalThis as unknown as Thread;
  thread.onmessage = ({ data }) => void obey(data);
}

async function obey(order: WatchOrder): Promise<void> {
  const turns = new Int32Array(order.turns);
  const { limitMs } = order;
  const pulse = new Pulse({ limitMs, now: systemClock.now() });
  do {
    await systemClock.sleep(limitMs / LOOKS);
  } while (pulse.lives(Atomics.load(turns, 0), systemClock.now()));
  tell(order);
  if (Deno.build.os !== "windows") {
    await Promise.race([
      sweepOwn({ ...order, clock: systemClock }).catch(() => {}),
      systemClock.sleep(SWEEP_MS_MAX),
    ]);
  }
  endProcess();
}

/** Not waited for: a terminal that stands still must hold up nothing. */
function tell({ limitMs, journal }: WatchOrder): void {
  const text = "The control loop hangs; ending all that was started, then " +
    "the controller";
  const record: LogRecord = {
    category: ["kolikko", "watch"],
    level: "fatal",
    message: [text],
    rawMessage: text,
    properties: { silentMs: limitMs },
    timestamp: systemClock.wall(),
  };
  const line = new TextEncoder().encode(`${lineOf(record, journal)}\n`);
  Deno.stdout.write(line).catch(() => {});
}

/** Deno.exit() would end the thread alone. On Windows the controller's job ends all the others with it. */
function endProcess(): void {
  const c = openLibc();
  if (c.kind === "open") c.libc._exit(FAILED);
  const windows = openKernel32();
  if (windows.kind === "open") {
    const { kernel32 } = windows;
    kernel32.TerminateProcess(kernel32.GetCurrentProcess(), FAILED);
  }
  Deno.kill(Deno.pid, "SIGKILL");
}
