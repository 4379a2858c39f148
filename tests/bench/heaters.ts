/** The two heaters that are timed: the program, and the floor; both run the same child. */

import { join } from "node:path";
import { Rig, type Way } from "../e2e/rig.ts";

/** One heater on the broker, and the pipe by which its child shows its life. */
export interface Heater extends AsyncDisposable {
  /** Where it listens; it answers on `<base>/status`. */
  readonly base: string;
  /** The child opens it first of all, and its end closes it. */
  readonly pipe: string;
}

/** The child's first instruction opens the pipe; `exec` makes it one process. */
const CHILD = 'exec 3>"$1"; exec sleep 60';

/**
 * The floor: what no program can beat by much. The broker's own client feeds a
 * shell loop, which starts and kills the child at once, waits for its end and
 * answers through a client that is connected already. The trap lets it live
 * until the others are gone, so that none of them is left for the system to bury.
 */
const FLOOR = `
trap : TERM
mosquitto_sub -h 127.0.0.1 -p "$1" -t "$2" -q 1 --nodelay | {
  child=
  while read -r word; do
    case $word in
    ON) /bin/sh -c '${CHILD}' child "$3" & child=$!; echo ON ;;
    OFF) [ -n "$child" ] && kill "$child" && wait "$child"; child=; echo OFF ;;
    esac
  done
} | mosquitto_pub -h 127.0.0.1 -p "$1" -t "$2/status" -q 1 -l --nodelay
`;

/** Starts the program with its defaults and the child as its only command. */
export async function startProgram(
  port: number,
  dir: string,
  way: Way,
): Promise<Heater> {
  const pipe = await makePipe(join(dir, "program"));
  const rig = await Rig.start({
    way,
    port,
    commands: [[
      "[[command]]",
      'name = "child"',
      'exec = "/bin/sh"',
      `args = ${JSON.stringify(["-c", CHILD, "child", pipe])}`,
      // As the floor's "kill" does it; a stop is not to wait for a second signal.
      'stop_signal = "SIGTERM"',
      "",
    ].join("\n")],
  });
  return {
    base: "/kolikko1/heat",
    pipe,
    [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
  };
}

/** Starts the shell loop. */
export async function startFloor(port: number, dir: string): Promise<Heater> {
  const base = "floor";
  const pipe = await makePipe(join(dir, "floor"));
  const shell = new Deno.Command("/bin/sh", {
    args: ["-c", FLOOR, "floor", String(port), base, pipe],
    stdin: "null",
    stdout: "null",
    stderr: "null",
    // A group of its own, so that one signal ends the whole of it.
    detached: true,
  }).spawn();
  const end = (name: Deno.Signal) => {
    try {
      Deno.kill(-shell.pid, name);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  };
  return {
    base,
    pipe,
    async [Symbol.asyncDispose]() {
      const timer = setTimeout(() => end("SIGKILL"), 2_000);
      end("SIGTERM");
      await shell.status;
      clearTimeout(timer);
    },
  };
}

async function makePipe(path: string): Promise<string> {
  const { success } = await new Deno.Command("mkfifo", { args: [path] })
    .output();
  if (!success) throw new Error(`Cannot make the pipe "${path}"`);
  return path;
}
