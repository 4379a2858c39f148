/**
 * Kills a controller's energy count without a warning at random moments of its
 * writing, starts it again, and looks: never garbage, never back by more than
 * the write that was under way. `deno task stress-energy [kills] [seed]`.
 */

import { systemClock } from "../../lib/clock.ts";
import { recallEnergy } from "../../lib/cli/energy.ts";
import { freshSeed, Random } from "../simulation/random.ts";

/** The longest time between the first kept count of a writer and its end. */
const LIFE_MS_MAX = 12;

export interface EnergyKillsReport {
  readonly kills: number;
  /** What must not be, in words. */
  readonly violations: readonly string[];
  /** Kills in the midst of a write: the draft of it was left. */
  readonly amidst: number;
  /** What was counted in the end. */
  readonly starts: number;
}

/** Does all of it in a folder of its own. */
export async function energyKills(
  { kills, seed, say = () => {} }: {
    readonly kills: number;
    readonly seed: number;
    /** Hears of each kill. */
    readonly say?: (line: string) => void;
  },
): Promise<EnergyKillsReport> {
  const dir = await Deno.makeTempDir({ prefix: "kolikko_energy_" });
  const random = new Random(seed);
  const violations: string[] = [];
  let amidst = 0;
  let starts = 0;
  try {
    for (let kill = 1; kill <= kills; kill += 1) {
      const lifeMs = random.next() * LIFE_MS_MAX;
      const kept = Math.max(await killedAfter(dir, lifeMs), starts);
      amidst += (await namesIn(dir)).filter((name) => name.endsWith(".tmp"))
        .length;
      const { counts } = await recallEnergy("rig", dir);
      starts = counts.total.starts;
      if (starts < kept || starts > kept + 1) {
        violations.push(`kill ${kill}: kept ${kept}, found ${starts}`);
      }
      const same = [counts.total, ...counts.commands.values()];
      if (same.length !== 3 || same.some((one) => one.starts !== starts)) {
        violations.push(`kill ${kill}: ${JSON.stringify(same)}`);
      }
      if ((await namesIn(dir)).some((name) => name.endsWith(".damaged"))) {
        violations.push(`kill ${kill}: the file was damaged`);
      }
      say(`kill ${kill}: ${starts} kept, ${amidst} kills amidst a write`);
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
  return { kills, violations, amidst, starts };
}

/** Lets a writer live for so long after its first kept count; returns the last one it told. */
async function killedAfter(dir: string, lifeMs: number): Promise<number> {
  const script = new URL("./energy_writer_script.ts", import.meta.url).pathname;
  const writer = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", script, dir],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let text = "";
  let isDoomed = false;
  for await (
    const piece of writer.stdout.pipeThrough(new TextDecoderStream())
  ) {
    text += piece;
    if (isDoomed) continue;
    isDoomed = true;
    void systemClock.sleep(lifeMs).then(() => writer.kill("SIGKILL"));
  }
  await writer.status;
  // What is cut off in the midst was kept all the same, but is not known.
  return Number(text.slice(0, text.lastIndexOf("\n")).split("\n").at(-1) ?? 0);
}

async function namesIn(dir: string): Promise<string[]> {
  return await Array.fromAsync(Deno.readDir(dir), ({ name }) => name);
}

if (import.meta.main) {
  const kills = Number(Deno.args[0] ?? 1_000);
  const seed = Number(Deno.args[1] ?? freshSeed());
  const write = (line: string) =>
    Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
  write(`${kills} kills, seed ${seed}`);
  let count = 0;
  const report = await energyKills({
    kills,
    seed,
    say: (line) => {
      count += 1;
      if (count % 100 === 0) write(line);
    },
  });
  write(JSON.stringify(report));
  Deno.exit(report.violations.length === 0 ? 0 : 1);
}
