/** Weeks of a home: its thermostat drives the real controller while one thing after the other breaks. */

import { parseConfig } from "../../lib/config.ts";
import { deviceTopic } from "../../lib/mqtt/discovery/documents.ts";
import { Thermostat } from "../../lib/demo/thermostat.ts";
import { FakeBroker } from "../fakes/fake_broker.ts";
import { FakeClock } from "../fakes/fake_clock.ts";
import { Random } from "../simulation/random.ts";
import { Home } from "./home.ts";
import { type Heats, OldThermostat } from "./old_thermostat.ts";
import { Rig } from "./rig.ts";

const S = 1_000;
const MIN = 60 * S;
const HOUR = 60 * MIN;
const STEP_MS = 10 * S;

const TARGET_C = 21;
const TOLERANCE_C = 0.3;
const CYCLE_MS = 10 * MIN;
const KEEP_ALIVE_MS = 3 * MIN;
const HEAT_W = 1_500;

/** Home Assistant sees the truth within this time once everybody is connected. */
const SEEN_MS = 2 * MIN;
/** After that no word and no cycle holds an OFF back any more. */
const OFF_MS = CYCLE_MS + 2 * KEEP_ALIVE_MS + MIN;
/** Without Home Assistant heat goes off after this time. */
const ALONE_MS = 10 * MIN + MIN;
const SWITCHINGS_MAX = 12;

const DEEDS = [
  "broker",
  "rig",
  "home",
  "crash",
  "mode",
  "deleted",
  "lost OFF",
] as const;

/** A network that is away for so long has lost the rig's session, and no failsafe has struck. */
const CUT_S = [40, 90] as const;

/** Of two homes one has the failsafe that sees all, and one has to do without. */
const SILENT = ["10m", "never"];

const toml = (seed: number) =>
  `[mqtt]
url = "mqtt://simulated"
[heat]
silent_after = "${SILENT[seed % 2]}"
thermostat_offline_after = "10m"
[[command]]
name = "cpu"
exec = "miner"
`;

export interface WeeksOptions {
  readonly seed: number;
  readonly weeks: number;
  /** Which of the two sets of rules for short cycles. */
  readonly generation: "old" | "new";
}

/** What was seen; `violations` must be empty. */
export interface WeeksReport {
  readonly violations: readonly string[];
  readonly switchings: number;
  readonly deeds: number;
  readonly heatedMs: number;
}

/** Plays them. */
export async function playWeeks(options: WeeksOptions): Promise<WeeksReport> {
  const clock = new FakeClock({ now: 0 });
  const config = await parseConfig(toml(options.seed), {
    file: "/rig/kolikko.toml",
    env: {},
  });
  const weeks = new Weeks(options, clock, config);
  return await weeks.play();
}

type Config = Awaited<ReturnType<typeof parseConfig>>;

class Weeks {
  readonly #options: WeeksOptions;
  readonly #clock: FakeClock;
  readonly #random: Random;
  readonly #broker: FakeBroker;
  readonly #rig: Rig;
  readonly #home: Home;
  readonly #violations: string[] = [];
  #isBrokerUp = true;
  /** What is to be mended, and when. */
  #mend: { readonly at: number; readonly how: () => void } | undefined;
  #breakAt = 0;
  #deeds = 0;
  #heatedMs = 0;
  #switchedAt: number[] = [];
  #switchings = 0;
  #wasHeating = false;
  /** Since when each condition has held without a break. */
  readonly #since = new Map<string, number>();

  constructor(options: WeeksOptions, clock: FakeClock, config: Config) {
    this.#options = options;
    this.#clock = clock;
    this.#random = new Random(options.seed);
    this.#broker = new FakeBroker({ clock });
    this.#rig = new Rig({
      clock,
      broker: this.#broker,
      config,
      random: () => this.#random.next(),
    });
    this.#home = new Home({
      clock,
      broker: this.#broker,
      topics: config.topics,
      documentTopic: deviceTopic({
        prefix: config.discovery.prefix,
        rig: config.rig,
      }),
      thermostat: (now) => this.#thermostat(now),
      heatW: () => this.#rig.living * HEAT_W,
    });
  }

  async play(): Promise<WeeksReport> {
    this.#rig.start();
    this.#home.start();
    this.#breakAt = 3 * HOUR;
    const untilMs = this.#options.weeks * 7 * 24 * HOUR;
    while (this.#clock.now() < untilMs && this.#violations.length === 0) {
      await this.#clock.advance(STEP_MS);
      await this.#happen();
      await this.#home.step();
      await this.#clock.advance(0);
      this.#check();
    }
    this.#rig.stop("kill");
    return {
      violations: this.#violations,
      switchings: this.#switchings,
      deeds: this.#deeds,
      heatedMs: this.#heatedMs,
    };
  }

  #thermostat(now: number): Heats {
    const common = { targetC: TARGET_C, keepAliveMs: KEEP_ALIVE_MS, now };
    if (this.#options.generation === "old") {
      return new OldThermostat({
        ...common,
        toleranceC: TOLERANCE_C,
        minCycleMs: CYCLE_MS,
      });
    }
    return new Thermostat({
      ...common,
      minOnMs: CYCLE_MS,
      minOffMs: CYCLE_MS / 2,
    });
  }

  /** One thing breaks at a time, and is mended after a while. */
  async #happen(): Promise<void> {
    const now = this.#clock.now();
    const mend = this.#mend;
    if (mend !== undefined) {
      if (mend.at > now) return;
      this.#mend = undefined;
      mend.how();
      if (this.#mend !== undefined) return;
      this.#breakAt = now + this.#random.int(30, 360) * MIN;
      return;
    }
    if (this.#breakAt > now) return;
    this.#deeds += 1;
    const lasts = (min: number, max: number) =>
      now + this.#random.int(min, max) * S;
    switch (this.#random.pick(DEEDS)) {
      case "broker": {
        this.#isBrokerUp = false;
        this.#broker.kill();
        if (this.#random.chance(0.3)) this.#broker.forget();
        this.#mend = {
          at: lasts(5, 1_500),
          how: () => {
            this.#isBrokerUp = true;
            this.#broker.restart();
          },
        };
        return;
      }
      case "rig":
        this.#rig.stop(this.#random.pick(["order", "kill"]));
        this.#mend = { at: lasts(20, 90), how: () => this.#rig.start() };
        return;
      case "home":
        await this.#home.stop(this.#random.pick(["order", "crash"]));
        this.#mend = { at: lasts(30, 1_800), how: () => this.#home.start() };
        return;
      case "crash":
        this.#rig.crash();
        this.#mend = { at: lasts(10, 60), how: () => {} };
        return;
      case "mode":
        await this.#home.setMode("off");
        this.#mend = {
          at: lasts(600, 3_600),
          how: () => void this.#home.setMode("heat"),
        };
        return;
      case "deleted":
        await this.#home.deleteDevice();
        this.#mend = { at: lasts(60, 3_600), how: () => this.#bringBack() };
        return;
      case "lost OFF":
        // Before the broker tells that the rig is gone: a word that is said once.
        this.#rig.cutOff();
        await this.#home.setMode("off");
        this.#mend = {
          at: lasts(...CUT_S),
          how: () => {
            this.#rig.reconnect();
            this.#mend = {
              at: this.#clock.now() + 2 * OFF_MS,
              how: () => void this.#home.setMode("heat"),
            };
          },
        };
    }
  }

  /** A device that was deleted comes back with whichever of both is started again. */
  #bringBack(): void {
    if (this.#random.chance(0.5)) {
      this.#rig.stop("kill");
      return this.#rig.start();
    }
    void this.#home.stop("crash").then(() => this.#home.start());
  }

  #check(): void {
    const now = this.#clock.now();
    const { switchState, roomC, mode } = this.#home;
    // Without it Home Assistant might as well not be there.
    const isConnected = this.#home.isConnected && this.#home.hasSwitch;
    const heats = this.#rig.living > 0;
    if (heats) this.#heatedMs += STEP_MS;
    if (heats !== this.#wasHeating) {
      this.#wasHeating = heats;
      this.#switchings += 1;
      this.#switchedAt = [
        ...this.#switchedAt.filter((at) => at > now - HOUR),
        now,
      ];
    }
    const all = this.#isBrokerUp && this.#rig.isRunning && isConnected;
    // Unavailable is the truth about a rig that nobody can reach.
    const isLie = switchState !== (heats ? "on" : "off") &&
      !(this.#rig.isCutOff && switchState === "unavailable");
    this.#never("lie", all && isLie, SEEN_MS);
    const isUnwanted = mode === "off" || roomC > TARGET_C + TOLERANCE_C + 0.1;
    this.#never("stuck ON", all && heats && isUnwanted, OFF_MS);
    const isAlone = this.#rig.isRunning && !(this.#isBrokerUp && isConnected);
    this.#never("heat for nobody", isAlone && heats, ALONE_MS);
    const isCold = mode === "heat" && roomC < TARGET_C - TOLERANCE_C - 0.1;
    this.#never("no heat", all && !heats && isCold, OFF_MS);
    if (roomC > TARGET_C + 3) this.#fail(`too hot: ${roomC}`);
    if (this.#switchedAt.length > SWITCHINGS_MAX) this.#fail("flaps");
  }

  /** A condition must not hold for longer than this. */
  #never(what: string, holds: boolean, forMs: number): void {
    const now = this.#clock.now();
    if (!holds) {
      this.#since.delete(what);
      return;
    }
    const since = this.#since.get(what) ?? now;
    this.#since.set(what, since);
    if (now - since > forMs) this.#fail(`${what} for ${(now - since) / S} s`);
  }

  #fail(what: string): void {
    const hours = (this.#clock.now() / HOUR).toFixed(2);
    const { switchState, roomC, mode, said } = this.#home;
    this.#violations.push(
      `${what} at ${hours} h (seed ${this.#options.seed}, ` +
        `${this.#options.generation}): ${this.#rig.living} run, switch ` +
        `${switchState}, room ${roomC.toFixed(2)}, mode ${mode}, said ${said}`,
    );
  }
}
