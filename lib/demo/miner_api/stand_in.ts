/**
 * StandIn: a harmless miner made of flags. It prints like a miner and answers
 * like one on 127.0.0.1; both claim the same.
 *
 * --like xmrig          print like this program; see output.ts. --no-color, --rate-every 1s
 * --api xmrig           answer like this program; see families.ts
 * --api-port 18088      0 takes a free port; it is printed as "API on 127.0.0.1:18088"
 * --api-after 5s        opened so late
 * --fault hang          what is wrong with the API; see faults.ts. --fault-after 5s
 * --control FILE        flags in this file count on top, and are read again as they change
 *
 * --algo rx/0 --pool HOST:PORT --hashrate 2750 (H/s) --power 118 --temp 61
 * --share-every 2s --reject-every 10 --devices 2 --wobble 0.01 --seed 1
 * --warm-up 0s --age 0s --paused --resumed
 * --token T --unrestricted --password P --quirk A,B
 */

import type { Clock } from "../../clock.ts";
import { ApiServer, openApiServer } from "./api_server.ts";
import { FAMILIES, type FamilyName, familyName } from "./families.ts";
import { Miner } from "./miner.ts";
import { STYLES } from "./output.ts";
import {
  flagValue,
  milliseconds,
  readSettings,
  type Settings,
} from "./settings.ts";
import type { PrintMoment, Style } from "./style.ts";

export interface StandInOptions {
  readonly args: readonly string[];
  /** Instead of the defaults. */
  readonly base?: Partial<Settings>;
  readonly clock: Clock;
  readonly print: (
    text: string,
    stream: Style["stream"],
  ) => Promise<void> | void;
  /** The API was told to let it end. */
  readonly quit: () => void;
}

/** It looks at its shares, and at the control file, so often. */
const LOOK_MS = 50;

/** One such miner. */
export class StandIn {
  readonly #options: StandInOptions;
  readonly #miner: Miner;
  readonly #style: Style | undefined;
  readonly #family: FamilyName | undefined;
  readonly #startedAt: number;
  #settings: Settings;
  #controlText = "";

  /** @throws {SyntaxError} if a flag cannot be understood. */
  constructor(options: StandInOptions) {
    const { args, clock } = options;
    this.#options = options;
    this.#settings = readSettings(args, options.base);
    this.#miner = new Miner(this.#settings, clock);
    this.#startedAt = clock.now();
    this.#miner.pause(this.#settings.paused);
    const like = flagValue(args, "like");
    this.#style = like === undefined ? undefined : styleOf(like);
    const api = flagValue(args, "api");
    this.#family = api === undefined ? undefined : familyName(api);
  }

  /** Prints and answers until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const ended = new AbortController();
    const either = AbortSignal.any([signal, ended.signal]);
    try {
      await Promise.all([
        this.#serve(either),
        this.#talk(either),
        this.#obey(either),
      ]);
    } finally {
      ended.abort();
    }
  }

  /** Its last words, if this program has any. */
  async end(signalName: string): Promise<void> {
    if (this.#style === undefined) return;
    await this.#print(this.#style.end(this.#moment(), signalName));
  }

  async #serve(signal: AbortSignal): Promise<void> {
    const { args, clock, quit } = this.#options;
    if (this.#family === undefined) return;
    await clock.sleep(
      milliseconds("api-after", flagValue(args, "api-after"), 0),
      signal,
    );
    if (signal.aborted) return;
    const port = Number(flagValue(args, "api-port") ?? 0);
    const server: ApiServer | undefined = openApiServer({
      family: FAMILIES[this.#family],
      port,
      clock,
      fault: () => this.#fault(),
      world: (session) => ({
        claim: this.#miner.claim(),
        settings: this.#settings,
        wallS: Math.floor(clock.wall() / 1_000),
        session,
        pause: (isPaused) => this.#miner.pause(isPaused),
        quit,
      }),
    });
    if (server === undefined) {
      return await this.#print(`API server failed to start on port ${port}.\n`);
    }
    await server.run(
      signal,
      () => void this.#print(`API on 127.0.0.1:${server.port}\n`),
    );
  }

  #fault(): Settings["fault"] {
    const { fault, faultAfterMs } = this.#settings;
    const ageMs = this.#options.clock.now() - this.#startedAt;
    return ageMs < faultAfterMs ? "none" : fault;
  }

  async #talk(signal: AbortSignal): Promise<void> {
    const { args, clock } = this.#options;
    const style = this.#style;
    if (style === undefined) return;
    const every = flagValue(args, "rate-every");
    const rateEveryMs = milliseconds("rate-every", every, 1_000);
    await this.#print(style.begin(this.#moment()));
    let told = this.#miner.claim();
    let rateAt = clock.now();
    while (!signal.aborted) {
      const moment = this.#moment();
      if (clock.now() >= rateAt) {
        await this.#print(style.rate(moment));
        rateAt += rateEveryMs;
      }
      const { claim } = moment;
      while (told.accepted < claim.accepted || told.rejected < claim.rejected) {
        const isAccepted = told.accepted < claim.accepted;
        told = {
          ...claim,
          accepted: told.accepted + (isAccepted ? 1 : 0),
          rejected: told.rejected + (isAccepted ? 0 : 1),
        };
        await this.#print(style.share({ ...moment, claim: told }, isAccepted));
      }
      await clock.sleep(LOOK_MS, signal);
    }
  }

  async #obey(signal: AbortSignal): Promise<void> {
    const { args, base, clock } = this.#options;
    const path = flagValue(args, "control");
    if (path === undefined) return;
    while (!signal.aborted) {
      const text = await textOf(path);
      if (text !== this.#controlText) {
        this.#controlText = text;
        const more = text.split(/\s+/).filter((word) => word !== "");
        this.#settings = readSettings([...args, ...more], base);
        this.#miner.change(this.#settings);
      }
      await clock.sleep(LOOK_MS, signal);
    }
  }

  #moment(): PrintMoment {
    return {
      claim: this.#miner.claim(),
      wallMs: this.#options.clock.wall(),
      colour: !this.#options.args.includes("--no-color"),
      isGpu: this.#settings.quirks.includes("gpu"),
    };
  }

  async #print(text: string): Promise<void> {
    if (text === "") return;
    await this.#options.print(text, this.#style?.stream ?? "stdout");
  }
}

function styleOf(name: string): Style {
  const style = Object.hasOwn(STYLES, name) ? STYLES[name] : undefined;
  if (style !== undefined) return style;
  throw new SyntaxError(
    `Cannot use --like "${name}", wanted ${Object.keys(STYLES).join(", ")}`,
  );
}

/** A file that is not there, or half written, says nothing. */
async function textOf(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
