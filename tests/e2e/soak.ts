/**
 * Turns the heat on and off again and again, with a crash now and then, and
 * looks at what the controller takes of the machine meanwhile: descriptors,
 * threads, memory and dead children must stay as they were. KOLIKKO_BINARY names
 * the program; without it, it runs from source. `deno task soak [cycles]`.
 */

import { Mosquitto } from "../mosquitto.ts";
import { Home } from "./home.ts";
import { eventually } from "./proof.ts";
import { marked, Rig, USUAL, type Way } from "./rig.ts";
import { markedOf } from "./runs.ts";

const BASE = "/kolikko1/heat";

/** A miner crashes in every third cycle. */
const CRASH_EVERY = 3;
/** What is just being read or let go of at a look. */
const DESCRIPTORS_MORE = 3;
/** The runtime's pool for what blocks may have so many, whatever is asked of it. */
const POOL_MAX = 33;
/**
 * The garbage collector is in no hurry: memory grows for a hundred cycles, by
 * half, before it falls again.
 */
const MEMORY_MORE_MIB = 32;
/** What a login shell of most systems gives. */
const SOFT_DESCRIPTORS = 1_024;

/** One prints and leaves a child behind, one flees; each lives two minutes at most. */
const COMMANDS = [
  shell("parent", "echo begins; sleep 120 & sleep 0.01; exec sleep 120"),
  shell("fleeing", "setsid sleep 120 & exec sleep 120"),
];
const NAMES = ["parent", "fleeing"] as const;

/** What the controller has at a moment, as Linux counts it. */
export interface Taken {
  readonly descriptors: number;
  /** Those of the pool aside. */
  readonly threads: number;
  readonly pool: number;
  readonly rssMib: number;
}

export interface SoakReport {
  readonly way: string;
  readonly cycles: number;
  readonly crashes: number;
  /** The most in the first third, the least in the last third, the most in all. */
  readonly first: Taken;
  readonly last: Taken;
  readonly most: Taken;
  /** The controller's line of /proc/PID/limits, soft and hard. */
  readonly limits: { readonly core: string; readonly descriptors: string };
  /** What must not be, in words. */
  readonly violations: readonly string[];
}

/** Does all of it on a broker of its own. */
export async function soak({ cycles, way = USUAL, say = () => {} }: {
  readonly cycles: number;
  readonly way?: Way;
  /** Hears of each cycle. */
  readonly say?: (line: string) => void;
}): Promise<SoakReport> {
  await using broker = await Mosquitto.start();
  await using home = await Home.join(broker.port);
  await using rig = await Rig.start({
    way: limited(way),
    port: broker.port,
    commands: COMMANDS,
  });
  await home.until(`${BASE}/availability`, "online");
  const looks: Taken[] = [];
  const violations: string[] = [];
  let crashes = 0;
  for (let cycle = 1; cycle <= cycles; cycle += 1) {
    await on(home);
    if (cycle % CRASH_EVERY === 0) {
      await crash(rig, home);
      crashes += 1;
    }
    await off(home);
    const left = await marked(rig);
    if (left.length > 0) violations.push(`cycle ${cycle}: ${left} live at OFF`);
    await eventually(
      () => zombiesOf(rig.pid).length === 0,
      `the end of ${zombiesOf(rig.pid)} in cycle ${cycle}`,
    );
    const taken = take(rig.pid);
    looks.push(taken);
    say(`${cycle}: ${JSON.stringify(taken)}`);
  }
  const limits = limitsOf(rig.pid);
  rig.signal("SIGTERM");
  const { code } = await rig.ended();
  if (code !== 0) violations.push(`ended with code ${code}`);
  const third = Math.ceil(cycles / 3);
  const first = extreme(looks.slice(0, third), Math.max);
  const last = extreme(looks.slice(-third), Math.min);
  return {
    way: way.name,
    cycles,
    crashes,
    first,
    last,
    most: extreme(looks, Math.max),
    limits,
    violations: [...violations, ...growth(first, last)],
  };
}

/** The same program under the soft limit of descriptors of an ordinary shell. */
function limited(way: Way): Way {
  const script = `ulimit -Sn ${SOFT_DESCRIPTORS} && exec "$0" "$@"`;
  return { ...way, exec: "sh", args: ["-c", script, way.exec, ...way.args] };
}

async function on(home: Home): Promise<void> {
  await home.say(BASE, "ON");
  await home.until(`${BASE}/status`, "ON");
  for (const name of NAMES) {
    await home.until(`${BASE}/command/${name}/state`, "running");
  }
}

async function off(home: Home): Promise<void> {
  await home.say(BASE, "OFF");
  await home.until(`${BASE}/status`, "OFF");
  for (const name of NAMES) {
    await home.until(`${BASE}/command/${name}/state`, "stopped");
  }
}

/** Its first process is killed, its child stays behind; the controller mends that. */
async function crash(rig: Rig, home: Home): Promise<void> {
  let leader: number | undefined;
  // While a process becomes another program its mark cannot be read.
  await eventually(() => {
    leader = markedOf(rig.id).find(({ pid, mark }) =>
      mark.command === NAMES[0] && parentOf(pid) === rig.pid
    )?.pid;
    return leader !== undefined;
  }, `the first process of "${NAMES[0]}"`);
  const state = `${BASE}/command/${NAMES[0]}/state`;
  const ended = home.until(state, (text) => text !== "running");
  if (leader !== undefined) Deno.kill(leader, "SIGKILL");
  await ended;
  await home.until(state, "running");
}

function growth(first: Taken, last: Taken): string[] {
  const grown: string[] = [];
  const check = (what: string, key: keyof Taken, more: number) => {
    if (last[key] <= first[key] + more) return;
    grown.push(`${what} grew from ${first[key]} to ${last[key]}`);
  };
  check("descriptors", "descriptors", DESCRIPTORS_MORE);
  check("threads", "threads", 0);
  if (last.pool > POOL_MAX) grown.push(`${last.pool} threads in the pool`);
  check("memory in MiB", "rssMib", MEMORY_MORE_MIB);
  return grown;
}

function take(pid: number): Taken {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const rssKib = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]);
  const threads = [...Deno.readDirSync(`/proc/${pid}/task`)]
    .map(({ name }) => nameOf(`/proc/${pid}/task/${name}`));
  const pool = threads.filter((name) => name.startsWith("tokio")).length;
  return {
    descriptors: [...Deno.readDirSync(`/proc/${pid}/fd`)].length,
    threads: threads.length - pool,
    pool,
    rssMib: Math.round(rssKib / 102.4) / 10,
  };
}

/** Of a thread; empty if it has just ended. */
function nameOf(task: string): string {
  try {
    return Deno.readTextFileSync(`${task}/comm`).trim();
  } catch {
    return "";
  }
}

function extreme(
  looks: readonly Taken[],
  of: (...numbers: number[]) => number,
): Taken {
  return {
    descriptors: of(...looks.map(({ descriptors }) => descriptors)),
    threads: of(...looks.map(({ threads }) => threads)),
    pool: of(...looks.map(({ pool }) => pool)),
    rssMib: of(...looks.map(({ rssMib }) => rssMib)),
  };
}

function limitsOf(pid: number): SoakReport["limits"] {
  const text = Deno.readTextFileSync(`/proc/${pid}/limits`);
  const line = (name: string) =>
    new RegExp(`^Max ${name}\\s+(\\w+)\\s+(\\w+)`, "m").exec(text)
      ?.slice(1).join(" ") ?? "";
  return { core: line("core file size"), descriptors: line("open files") };
}

/** Children of a process that have ended and wait to be asked for. */
function zombiesOf(parent: number): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name))
    .filter((pid) =>
      pid > 0 && parentOf(pid) === parent && /^Z/.test(fieldsOf(pid)[0] ?? "")
    );
}

function parentOf(pid: number): number {
  return Number(fieldsOf(pid)[1]);
}

/** State, parent and so on; empty if there is no such process any more. */
function fieldsOf(pid: number): string[] {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    // The name in parentheses may hold anything.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

function shell(name: string, script: string): string {
  return [
    "[[command]]",
    `name = "${name}"`,
    `exec = "sh"`,
    `args = ["-c", ${JSON.stringify(script)}]`,
    'stop_signal = "SIGTERM"',
    'restart_backoff = ["50ms", "100ms"]',
    "lockout_failures = 1000",
    "",
  ].join("\n");
}

if (import.meta.main) {
  const cycles = Number(Deno.args[0] ?? 300);
  const write = (line: string) =>
    Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
  write(`${cycles} cycles, ${USUAL.name}`);
  const report = await soak({
    cycles,
    say: (line) => {
      if (/^(?:\d*0|1):/.test(line)) write(line);
    },
  });
  write(JSON.stringify(report));
  Deno.exit(report.violations.length === 0 ? 0 : 1);
}
