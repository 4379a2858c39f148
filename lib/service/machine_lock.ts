/**
 * One controller for each rig on this machine, whoever starts it: a name among
 * the abstract Unix sockets, which the kernel gives once for all users and takes
 * back however we end. It is no file: nobody can link, forge or remove it, and a
 * private `/tmp` or another state folder does not hide it. Another network
 * namespace, as of a container, does. On Windows it is a lock on a file that all
 * users can read.
 */

import type { Clock } from "../clock.ts";
import { wordsOf } from "../core/words.ts";
import { peerOf } from "../platform/peer.ts";
import { userInWords } from "../platform/users.ts";
import { type Holder, localTime, type Lock, takeLock } from "./lock.ts";
import type { Variable } from "./state_dir.ts";

/** Whoever asks who we are only connects; more often than this is of no use. */
const ACCEPT_REST_MS = 20;

/** Where `/proc/PID/stat` tells the start, counted after the name. */
const START = 19;
const TICK_MS = 10;

/** Takes what all users of this platform share; never rejects. */
export async function takeLockOfAll(
  rig: string,
  { clock, variable }: { readonly clock: Clock; readonly variable: Variable },
): Promise<Lock> {
  const { os } = Deno.build;
  if (os === "linux") return takeMachineLock(rig, clock);
  const base = os === "windows" ? variable("ProgramData") : undefined;
  if (base === undefined) {
    const reason = "this system has no lock for all users";
    return { kind: "impossible", reason };
  }
  // Its own name, as this folder may be that of the state as well.
  const dir = `${base}\\KolikkoControl`;
  try {
    await Deno.mkdir(dir, { recursive: true });
  } catch (error) {
    const reason = `the folder "${dir}" cannot be made (${wordsOf(error)})`;
    return { kind: "impossible", reason };
  }
  return await takeLock(`${dir}\\${rig}.all-users.lock`, clock);
}

/** Takes the name, or tells who has it; never throws. */
export function takeMachineLock(rig: string, clock: Clock): Lock {
  const name = nameOf(rig);
  let listener: Deno.UnixListener;
  try {
    listener = Deno.listen({ transport: "unix", path: `\0${name}` });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      return { kind: "taken", by: holderOf(name, clock) };
    }
    return {
      kind: "impossible",
      reason: `the name "${name}" cannot be had (${wordsOf(error)})`,
    };
  }
  const ended = new AbortController();
  void letGo(listener, clock, ended.signal);
  return {
    kind: "held",
    [Symbol.dispose]() {
      ended.abort();
      listener.close();
    },
  };
}

/** How whoever may see it finds out who has it; Windows has no command for that. */
export function lockOfAllHint(rig: string): string | undefined {
  if (Deno.build.os !== "linux") return undefined;
  return `sudo ss -xlp | grep '@${nameOf(rig)} '`;
}

function nameOf(rig: string): string {
  return `kolikko/${rig}`;
}

/** Connections say nothing: the kernel tells who listens. They are taken, so that the queue never fills. */
async function letGo(
  listener: Deno.UnixListener,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      (await listener.accept()).close();
    } catch {
      // Closed, or out of descriptors for the moment.
    }
    await clock.sleep(ACCEPT_REST_MS, signal);
  }
}

function holderOf(name: string, clock: Clock): Holder | undefined {
  const peer = peerOf(name);
  if (peer === undefined) return undefined;
  const { pid, uid } = peer;
  const user = userInWords(uid);
  const stat = readStat(pid);
  if (stat === undefined) return { pid, user };
  const { program, ageMs } = stat;
  return { pid, user, program, since: localTime(clock.wall() - ageMs) };
}

/** What a process is called, and how old it is; undefined if it is gone or hidden. */
function readStat(
  pid: number,
): { readonly program: string; readonly ageMs: number } | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const uptime = Number.parseFloat(Deno.readTextFileSync("/proc/uptime"));
    const close = stat.lastIndexOf(")");
    const startTicks = Number(stat.slice(close + 2).split(" ")[START]);
    const ageMs = uptime * 1_000 - startTicks * TICK_MS;
    if (!Number.isFinite(ageMs)) return undefined;
    const program = stat.slice(stat.indexOf("(") + 1, close)
      .replaceAll(/[^\x20-\x7e]/g, "?");
    return { program, ageMs };
  } catch {
    return undefined;
  }
}
