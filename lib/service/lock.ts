/** One controller for each rig on this machine: a lock that the operating system frees however we end. */

import type { Clock } from "../clock.ts";
import { wordsOf } from "../core/words.ts";
import { demandOwnFile } from "./trust.ts";

/** Who has the lock, as it wrote of itself or the kernel says. */
export interface Holder {
  readonly pid: number;
  /** Local time. */
  readonly since?: string;
  readonly program?: string;
  /** In words, if it may be another. */
  readonly user?: string;
}

/** What became of the attempt to be the only controller. */
export type Lock =
  | {
    readonly kind: "held";
    /** Lets another controller start. */
    readonly [Symbol.dispose]: () => void;
  }
  | { readonly kind: "taken"; readonly by: Holder | undefined }
  | { readonly kind: "impossible"; readonly reason: string };

/** Without `tryLock`, whoever waits longer has found another controller. */
const PATIENCE_MS = 1_000;
/** The holder may be about to write its line. */
const LOOKS = 3;
const LOOK_REST_MS = 100;
const LINE_BYTES_MAX = 200;
const LINE = /^pid (\d{1,10}) since (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\n$/;

/**
 * Takes the lock, or tells who has it; never rejects. The file stays for ever:
 * removing it would let two controllers lock two files of the same name. No
 * child inherits it.
 */
export async function takeLock(path: string, clock: Clock): Promise<Lock> {
  let file: Deno.FsFile;
  try {
    // What is written into a link's target would be lost there.
    await demandOwnFile(path);
    file = await openLock(path);
  } catch (error) {
    return impossible(path, error);
  }
  try {
    if (await lockFile(file, clock)) {
      await introduce(file, clock);
      return { kind: "held", [Symbol.dispose]: () => file.close() };
    }
  } catch (error) {
    file.close();
    return impossible(path, error);
  }
  return { kind: "taken", by: await whoHolds(path, clock) };
}

/** What the owner of a second controller is told; `hint` is what tells who it is if nobody is known. */
export function takenMessage(
  rig: string,
  by: Holder | undefined,
  hint?: string,
): string {
  const whose = by === undefined
    ? hint === undefined ? "" : ` (who it is tells: ${hint})`
    : `: ${holderInWords(by)}`;
  return `Cannot start as another KolikkoControl for rig "${rig}" runs already${whose}; ` +
    `stop it first, or give this one another [rig] id`;
}

/** `pid 12 (kolikko) of user "bob" (1000) since 2026-11-25 07:12:03`, as far as it is known. */
function holderInWords({ pid, program, user, since }: Holder): string {
  return [
    `pid ${pid}`,
    ...program === undefined ? [] : [`(${program})`],
    ...user === undefined ? [] : [`of ${user}`],
    ...since === undefined ? [] : [`since ${since}`],
  ].join(" ");
}

/** Another user's can be locked by whoever may read it; only its line cannot be written then. */
async function openLock(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, {
      read: true,
      write: true,
      create: true,
      mode: 0o600,
    });
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    return await Deno.open(path, { read: true });
  }
}

/** Closes the file unless it gets the lock. */
async function lockFile(file: Deno.FsFile, clock: Clock): Promise<boolean> {
  // Older runtimes do not have it.
  const { tryLock } = file as {
    tryLock?: (exclusive: boolean) => Promise<boolean>;
  };
  if (tryLock !== undefined) {
    const got = await tryLock.call(file, true);
    if (!got) file.close();
    return got;
  }
  const over = new AbortController();
  const locked = file.lock(true).then(() => true).finally(() => over.abort());
  const tooLate = clock.sleep(PATIENCE_MS, over.signal).then(() => false);
  const got = await Promise.race([tooLate, locked]);
  if (got || over.signal.aborted) return await locked;
  // It cannot be called off. Whoever gets here ends soon, and the waiting with it.
  void locked.then(() => file.close(), () => file.close());
  return false;
}

/** For the message of a second start alone, so a failure changes nothing. */
async function introduce(file: Deno.FsFile, clock: Clock): Promise<void> {
  try {
    await file.truncate();
    const line = `pid ${Deno.pid} since ${localTime(clock.wall())}\n`;
    await file.write(new TextEncoder().encode(line));
  } catch {
    // A full disk; the lock holds all the same.
  }
}

async function whoHolds(
  path: string,
  clock: Clock,
): Promise<Holder | undefined> {
  for (let look = 1; look <= LOOKS; look += 1) {
    const match = LINE.exec(await firstBytes(path));
    if (match !== null) return { pid: Number(match[1]), since: match[2] ?? "" };
    if (look < LOOKS) await clock.sleep(LOOK_REST_MS);
  }
  return undefined;
}

/** Windows may not let a locked file be read. */
async function firstBytes(path: string): Promise<string> {
  try {
    using file = await Deno.open(path, { read: true });
    const bytes = new Uint8Array(LINE_BYTES_MAX);
    const count = await file.read(bytes) ?? 0;
    return new TextDecoder().decode(bytes.subarray(0, count));
  } catch {
    return "";
  }
}

function impossible(path: string, error: unknown): Lock {
  const why = wordsOf(error);
  return {
    kind: "impossible",
    reason: `the file "${path}" cannot be locked (${why})`,
  };
}

/** `2026-11-25 07:12:03`. */
export function localTime(wallMs: number): string {
  const date = new Date(wallMs);
  const local = new Date(wallMs - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19).replace("T", " ");
}
