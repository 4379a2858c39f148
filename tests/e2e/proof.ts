/** From ON to the proof of OFF with a miner that misbehaves, beside one that behaves and a stranger's. */

import { assert, assertEquals } from "@std/assert";
import { Mosquitto } from "../mosquitto.ts";
import { PidsFile } from "../stand_in/stand_in.ts";
import { Home } from "./home.ts";
import { marked, Rig, standIn } from "./rig.ts";

export const BASE = "/kolikko1/heat";
export const GOOD = standIn("good", [
  ...["--print-every", "200ms", "--on-signal", "0"],
]);

/** What a test sees while the unruly miner runs. */
export interface Scene {
  readonly home: Home;
  readonly rig: Rig;
  /** Who the miner's tree says it is; empty unless it was given the file. */
  readonly pids: PidsFile;
}

export interface Proof {
  /** The `[[command]]` of the one that misbehaves, named "bad". */
  readonly unruly: string | ((pids: PidsFile) => string);
  /** Between ON and OFF: waits until it is as unruly as it gets. */
  readonly during: (scene: Scene) => Promise<void>;
}

/**
 * Says ON, then OFF; once `status` says OFF nothing of the rig may live, while a
 * program of another rig must. Prints and returns how long OFF took.
 */
export async function onThenOff(
  what: string,
  { unruly, during }: Proof,
): Promise<number> {
  using pids = new PidsFile();
  await using decoy = new Decoy();
  await using broker = await Mosquitto.start();
  await using home = await Home.join(broker.port);
  await using rig = await Rig.start({
    port: broker.port,
    commands: [typeof unruly === "string" ? unruly : unruly(pids), GOOD],
    log: ['dir = "logs"'],
  });
  await home.until(`${BASE}/availability`, "online");
  await home.say(BASE, "ON");
  await home.until(`${BASE}/status`, "ON");
  await home.until(`${BASE}/command/good/state`, "running");
  await during({ home, rig, pids });
  assertEquals(home.latest(`${BASE}/command/good/state`), "running");
  const since = performance.now();
  await home.say(BASE, "OFF");
  await home.until(`${BASE}/status`, "OFF");
  const tookMs = performance.now() - since;
  assertEquals(await marked(rig), [], "something of it lives after OFF");
  assertEquals(pids.living(), [], "something it reported lives after OFF");
  assert(decoy.isAlive, "the program of another rig was ended");
  // deno-lint-ignore no-console
  console.log(`${what}: OFF took ${Math.round(tookMs)} ms`);
  return tookMs;
}

/** A program with the mark of another rig. */
class Decoy implements AsyncDisposable {
  readonly #child = new Deno.Command("sleep", {
    args: ["60"],
    env: { KOLIKKO_MARK: `rig-of-another/good/${crypto.randomUUID()}` },
    stdin: "null",
  }).spawn();
  #ended = false;

  constructor() {
    void this.#child.status.then(() => this.#ended = true);
  }

  get isAlive(): boolean {
    return !this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) this.#child.kill("SIGKILL");
    await this.#child.status;
  }
}

/** Waits until a file holds this text. */
export async function untilFile(path: string, text: string): Promise<void> {
  await eventually(async () => {
    try {
      return (await Deno.readTextFile(path)).includes(text);
    } catch {
      return false;
    }
  }, `"${text}" in ${path}`);
}

/** Waits until so many processes have reported themselves, and live. */
export async function untilThere(
  { pids }: Scene,
  count: number,
): Promise<void> {
  await eventually(
    () => pids.living().length >= count,
    `${count} processes, of which there are ${pids.living()}`,
  );
}

/** Waits until so many processes carry the rig's mark. */
export async function untilMarked(
  { rig }: Pick<Scene, "rig">,
  count: number,
): Promise<void> {
  await eventually(
    async () => (await marked(rig)).length >= count,
    `${count} processes`,
  );
}

/** Waits until it is so. */
export async function eventually(
  isSo: () => boolean | Promise<boolean>,
  what: string,
): Promise<void> {
  const end = performance.now() + 15_000;
  while (!await isSo()) {
    if (performance.now() > end) throw new Error(`Waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
