/**
 * Kills the controller without a warning at random moments of start, run and
 * stop, starts it again, and looks: no stray, no second run of a command, no
 * stranger killed. `deno task stress [kills] [seed]`.
 */

import { Mosquitto } from "../mosquitto.ts";
import { freshSeed, Random } from "../simulation/random.ts";
import { Decoys } from "./decoys.ts";
import { Home } from "./home.ts";
import { Rig, USUAL, type Way } from "./rig.ts";
import { livesAs, type Marked, markedOf, RunWatch } from "./runs.ts";

const BASE = "/kolikko1/heat";
const PATIENCE_MS = 30_000;
const STOP_TIMEOUT_MS = 800;
/** From its first instruction to its first miner it takes about so long. */
const START_MS = 900;
const RUN_MS = 400;

const PHASES = ["start", "run", "stop", "end"] as const;
type Phase = typeof PHASES[number];

/** A deaf one with a helper that flees, and one that obeys. Each lives two minutes at most. */
const COMMANDS = [
  shell("deaf", "trap '' INT; setsid sleep 120 & sleep 120; exec sleep 120"),
  shell("tame", "sleep 120 & exec sleep 120"),
];

export interface KillNineOptions {
  readonly kills: number;
  readonly seed: number;
  readonly way?: Way;
  /** Hears of each kill. */
  readonly say?: (line: string) => void;
}

export interface KillNineReport {
  readonly seed: number;
  readonly kills: Record<Phase, number>;
  /** What must not be, in words. */
  readonly violations: readonly string[];
  /** Kills after which something of the old life ran on; and how many processes in all. */
  readonly leftBehind: number;
  readonly processes: number;
  /** From a start until the last process of older lives was gone. */
  readonly goneMs: readonly number[];
  /** Pids of old miners that strangers got. */
  readonly recycled: number;
  readonly looks: number;
}

/** Does all of it on a broker of its own. */
export async function killNine(
  options: KillNineOptions,
): Promise<KillNineReport> {
  await using broker = await Mosquitto.start();
  await using home = await Home.join(broker.port);
  await using decoys = new Decoys();
  const first = await Rig.start({
    ...options.way === undefined ? {} : { way: options.way },
    port: broker.port,
    commands: COMMANDS,
  });
  await using series = new Series(first, { ...options, home, decoys });
  return await series.run();
}

interface SeriesOptions extends KillNineOptions {
  readonly home: Home;
  readonly decoys: Decoys;
}

class Series implements AsyncDisposable {
  readonly #options: SeriesOptions;
  readonly #random: Random;
  readonly #watch: RunWatch;
  readonly #violations: string[] = [];
  readonly #goneMs: number[] = [];
  readonly #kills: Record<Phase, number> = {
    start: 0,
    run: 0,
    stop: 0,
    end: 0,
  };
  #rig: Rig;
  #leftBehind = 0;
  #processes = 0;
  #recycled = 0;

  constructor(first: Rig, options: SeriesOptions) {
    this.#rig = first;
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#watch = new RunWatch(first.id);
  }

  async run(): Promise<KillNineReport> {
    const { kills, seed, decoys, home } = this.#options;
    decoys.start({ KOLIKKO_MARK: `${this.#rig.id}2/deaf/1.1/stranger` });
    for (let count = 0; count < kills; count += 1) {
      const phase = this.#random.pick(PHASES);
      await this.#untilMoment(phase);
      await this.#kill(phase);
      await this.#recycle();
      this.#restart();
    }
    await home.until(`${BASE}/availability`, "online", PATIENCE_MS);
    await this.#until("all of the old is gone", () => this.#old().length === 0);
    this.#rig.signal("SIGTERM");
    const { code } = await this.#rig.ended();
    if (code !== 0) this.#violations.push(`ended with code ${code}`);
    for (const { pid, mark } of markedOf(this.#rig.id)) {
      this.#violations.push(`stray ${pid} of ${mark.command}`);
    }
    for (const pid of decoys.lost()) {
      this.#violations.push(`stranger ${pid} is dead`);
    }
    return {
      seed,
      kills: this.#kills,
      violations: [...this.#violations, ...this.#watch.violations],
      leftBehind: this.#leftBehind,
      processes: this.#processes,
      goneMs: this.#goneMs,
      recycled: this.#recycled,
      looks: this.#watch.looks,
    };
  }

  async #untilMoment(phase: Phase): Promise<void> {
    const { home } = this.#options;
    if (phase === "start") {
      const on = home.until(`${BASE}/availability`, "online", PATIENCE_MS)
        .then(() => home.say(BASE, "ON")).catch(() => {});
      await sleep(this.#random.int(0, START_MS));
      // Whether it came so far or not, nothing of this life is waited for.
      void on;
      return;
    }
    await home.until(`${BASE}/availability`, "online", PATIENCE_MS);
    await home.say(BASE, "ON");
    await this.#until("both run", () => this.#own().size === COMMANDS.length);
    const old = this.#old();
    if (old.length > 0) {
      this.#violations.push(`started beside ${old.map(({ pid }) => pid)}`);
    }
    if (phase === "run") return await sleep(this.#random.int(0, RUN_MS));
    if (phase === "stop") await home.say(BASE, "OFF");
    else this.#rig.signal("SIGTERM");
    await sleep(this.#random.int(0, STOP_TIMEOUT_MS * 1.2));
  }

  async #kill(phase: Phase): Promise<void> {
    this.#kills[phase] += 1;
    try {
      this.#rig.signal("SIGKILL");
    } catch {
      // It has just ended by itself, as it was asked to.
    }
    await this.#rig.ended();
    const left = markedOf(this.#rig.id);
    if (left.length > 0) this.#leftBehind += 1;
    this.#processes += left.length;
    const { home, say } = this.#options;
    say?.(`killed in ${phase}; ${left.length} processes run on`);
    const latest = home.latest(`${BASE}/availability`);
    if (latest !== undefined) {
      await home.until(`${BASE}/availability`, "offline", PATIENCE_MS);
    }
  }

  /** Now and then an old miner ends, and a stranger gets its pid before the next life. */
  async #recycle(): Promise<void> {
    const victim = markedOf(this.#rig.id)
      .find(({ mark }) => mark.command === "tame");
    if (victim === undefined || !this.#random.chance(0.4)) return;
    Deno.kill(victim.pid, "SIGKILL");
    await this.#until("its pid is free", () => !isTaken(victim.pid));
    if (await this.#options.decoys.takePid(victim.pid)) this.#recycled += 1;
  }

  #restart(): void {
    const { dir, id } = this.#rig;
    const args = ["run", "--config", `${dir}/kolikko.toml`];
    const way = this.#options.way ?? USUAL;
    // So many kills would hold heat: here each life has to heat.
    forgetLives(`${dir}/state/kolikko/${id}.lives.json`);
    const before = performance.now();
    this.#rig = Rig.startIn(dir, args, { way, id });
    const { pid } = this.#rig;
    if (markedOf(id).length === 0) return;
    const look = () => {
      // The next life goes on with what this one has not ended.
      if (this.#rig.pid !== pid) return;
      if (this.#old().length > 0) return void setTimeout(look, 25);
      this.#goneMs.push(performance.now() - before);
    };
    look();
  }

  /** The commands that this life has started. */
  #own(): ReadonlySet<string> {
    const ours = markedOf(this.#rig.id).filter((it) => this.#isOwn(it));
    return new Set(ours.map(({ mark }) => mark.command));
  }

  #old(): Marked[] {
    return markedOf(this.#rig.id).filter((it) =>
      !this.#isOwn(it) && livesAs(it.pid)
    );
  }

  #isOwn({ mark }: Marked): boolean {
    return mark.controller?.pid === this.#rig.pid;
  }

  async #until(what: string, isSo: () => boolean): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    while (!isSo()) {
      if (performance.now() > end) {
        const { seed } = this.#options;
        throw new Error(
          `Seed ${seed}: waited in vain until ${what}; the rig:\n${this.#rig.log}`,
        );
      }
      await sleep(20);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]();
    await this.#rig[Symbol.asyncDispose]();
    for (const { pid } of markedOf(this.#rig.id)) Deno.kill(pid, "SIGKILL");
  }
}

function shell(name: string, script: string): string {
  return [
    "[[command]]",
    `name = "${name}"`,
    `exec = "sh"`,
    `args = ["-c", ${JSON.stringify(script)}]`,
    `stop_timeout = "${STOP_TIMEOUT_MS}ms"`,
    "",
  ].join("\n");
}

function isTaken(pid: number): boolean {
  try {
    Deno.statSync(`/proc/${pid}`);
    return true;
  } catch {
    return false;
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

if (import.meta.main) {
  const kills = Number(Deno.args[0] ?? 200);
  const seed = Number(Deno.args[1] ?? freshSeed());
  const write = (line: string) =>
    Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
  write(`${kills} kills, ${USUAL.name}, seed ${seed}`);
  let count = 0;
  const say = (line: string) => {
    count += 1;
    if (count % 10 === 0) write(`${count}: ${line}`);
  };
  const report = await killNine({ kills, seed, say });
  const sorted = report.goneMs.toSorted((one, other) => one - other);
  const at = (part: number) =>
    Math.round(sorted[Math.floor((sorted.length - 1) * part)] ?? 0);
  write(JSON.stringify({
    ...report,
    goneMs: { count: sorted.length, p50: at(0.5), p95: at(0.95), max: at(1) },
  }));
  Deno.exit(report.violations.length === 0 ? 0 : 1);
}

/** It may have been killed before it wrote any. */
function forgetLives(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
