/** Asks a family without a socket. */

import {
  FAMILIES,
  type FamilyName,
} from "../../../lib/demo/miner_api/families.ts";
import type { ApiAnswer } from "../../../lib/demo/miner_api/family.ts";
import { Miner } from "../../../lib/demo/miner_api/miner.ts";
import {
  readSettings,
  type Settings,
} from "../../../lib/demo/miner_api/settings.ts";
import { FakeClock } from "../../fakes/fake_clock.ts";

/** One request. */
export interface Asked {
  readonly family: FamilyName;
  readonly method?: string;
  /** With its query. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly quirks?: readonly string[];
}

/** A miner that has just been started. */
export const isWarming: Partial<Settings> = { warmUpMs: 3_600_000, ageMs: 0 };

/** Figures that can be read: no chance, twenty minutes old, 600 shares of which 60 were rejected. */
export const STEADY: Partial<Settings> = {
  ageMs: 1_200_000,
  wobble: 0,
  hashrate: 46_000_000,
  powerW: 240,
  temperatureC: 60,
  shareEveryMs: 2_000,
  rejectEvery: 10,
};

/** A miner whose time a test moves, and that can be asked more than once. */
export function askable(but: Partial<Settings> = {}): {
  readonly clock: FakeClock;
  readonly miner: Miner;
  readonly told: string[];
  answer(asked: Asked): ApiAnswer | undefined;
} {
  const clock = new FakeClock({ wall: 1_700_000_000_000 });
  const settings = readSettings([], { ...STEADY, ...but });
  const miner = new Miner(settings, clock);
  const session = { authorized: false };
  const told: string[] = [];
  return {
    clock,
    miner,
    told,
    answer(asked) {
      const { method = "GET", path = "/", headers = {}, body = "" } = asked;
      const url = new URL(path, "http://127.0.0.1");
      const family = FAMILIES[asked.family];
      return family.answer({
        method,
        path: url.pathname,
        query: url.searchParams,
        headers: new Map(Object.entries(headers)),
        body,
      }, {
        claim: miner.claim(),
        settings: { ...settings, quirks: asked.quirks ?? settings.quirks },
        wallS: Math.floor(clock.wall() / 1_000),
        session,
        pause: (isPaused) => {
          told.push(isPaused ? "pause" : "resume");
          miner.pause(isPaused);
        },
        quit: () => told.push("quit"),
      });
    },
  };
}

/** The answer's body to one question; fails if there is none. */
export function ask(asked: Asked, but: Partial<Settings> = {}): string {
  const answer = askable(but).answer(asked);
  if (answer === undefined) throw new Error(`${asked.family} does not answer`);
  return answer.body;
}
