/** How soon a change is said: what matters at once, a number that wavers now and then. It gets the time as an argument. */

/** Numbers are said again after so long although nothing changed: who hears nothing for long calls them unknown. */
export const REPEAT_MS = 200_000;

/** How far two payloads of a topic with numbers are apart. */
export type Difference = "none" | "wavers" | "differs" | "matters";

/** From the latest message of a topic on, a difference waits for so long. */
const WAIT_MS = {
  wavers: 120_000,
  // As long as a reading holds that is taken each ten seconds.
  differs: 30_000,
  matters: 0,
} as const;

/** No reading is the same twice: up to this part it is the same heat. */
const WAVER_PART = 0.03;
/** More than this is no reading of the same: a stage came or went, a card fell silent or grows hot. */
const LEAP_PART = 0.25;

/** Of a document these are measured or counted; all else in it is a fact. */
const MEASURED: ReadonlySet<string> = new Set([
  "hashrate_khs",
  "accepted",
  "rejected",
  "stale",
  "power_w",
  "temperature_c",
  "energy_kwh",
  "heat_hours",
  "effective_percent",
]);

const ORDER = ["none", "wavers", "differs", "matters"] as const;

/** Compares two payloads, each a number, `null`, or a JSON document. */
export function differenceOf(before: string, after: string): Difference {
  if (before === after) return "none";
  return compare(JSON.parse(before), JSON.parse(after), { isMeasured: true });
}

function compare(
  before: unknown,
  after: unknown,
  { isMeasured }: { readonly isMeasured: boolean },
): Difference {
  if (before === after) return "none";
  if (isMeasured && typeof before === "number" && typeof after === "number") {
    return compareNumbers(before, after);
  }
  if (!isObject(before) || !isObject(after)) return "matters";
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  const all = [...keys].map((key) =>
    compare(Reflect.get(before, key), Reflect.get(after, key), {
      isMeasured: MEASURED.has(key),
    })
  );
  return ORDER.findLast((one) => all.includes(one)) ?? "none";
}

/** To stop, and to begin, is more than a change of a number. */
function compareNumbers(before: number, after: number): Difference {
  if (Math.sign(before) !== Math.sign(after)) return "matters";
  const largest = Math.max(Math.abs(before), Math.abs(after));
  const part = Math.abs(after - before) / largest;
  if (part > LEAP_PART) return "matters";
  return part <= WAVER_PART ? "wavers" : "differs";
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** What is to be said now, and when more of it is. */
export interface Turn {
  readonly changed: ReadonlyMap<string, string>;
  /** Topics to be said once more, as they were. */
  readonly again: readonly string[];
  readonly nextAt: number;
}

/** Remembers what was said of each topic with numbers, and when. */
export class Pace {
  readonly #numbers: ReadonlySet<string>;
  readonly #expiring: ReadonlySet<string>;
  readonly #said = new Map<
    string,
    { readonly payload: string; readonly at: number }
  >();

  /** `numbers`: the topics that may wait. `expiring`: those that somebody calls unknown if they are silent for long. */
  constructor(
    topics: {
      readonly numbers: readonly string[];
      readonly expiring: readonly string[];
    },
  ) {
    this.#numbers = new Set(topics.numbers);
    this.#expiring = new Set(topics.expiring);
  }

  /** What goes out now is taken for said; `isLast`: nothing may wait for a later turn. */
  next(
    payloads: ReadonlyMap<string, string>,
    now: number,
    { isLast }: { readonly isLast: boolean },
  ): Turn {
    const changed = new Map<string, string>();
    const again: string[] = [];
    let nextAt = Infinity;
    for (const [topic, payload] of payloads) {
      if (!this.#numbers.has(topic)) {
        changed.set(topic, payload);
        continue;
      }
      const dueAt = isLast ? now : this.#dueAt(topic, payload);
      if (dueAt > now) {
        nextAt = Math.min(nextAt, dueAt);
        continue;
      }
      if (this.#said.get(topic)?.payload === payload) again.push(topic);
      else changed.set(topic, payload);
      this.#said.set(topic, { payload, at: now });
    }
    return { changed, again: isLast ? [] : again, nextAt };
  }

  #dueAt(topic: string, payload: string): number {
    const said = this.#said.get(topic);
    if (said === undefined) return -Infinity;
    const difference = differenceOf(said.payload, payload);
    if (difference !== "none") return said.at + WAIT_MS[difference];
    return this.#expiring.has(topic) ? said.at + REPEAT_MS : Infinity;
  }
}
