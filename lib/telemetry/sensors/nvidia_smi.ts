/** NvidiaSmi: temperature and power of NVIDIA cards, from the tool that comes with their driver. */

import type { Clock } from "../../clock.ts";
import { quote } from "../../core/payload.ts";
import type { RunHelper } from "./run_helper.ts";
import {
  NOTHING,
  plausibleCelsius,
  plausibleWatts,
  type Source,
  type SourceReading,
  sumOf,
  type Temperature,
} from "./source.ts";

const ARGS = [
  "--query-gpu=index,name,temperature.gpu,power.draw",
  "--format=csv,noheader,nounits",
];

/** Without its daemon the driver is loaded for each question, which takes seconds. */
const LIMIT_MS = 10_000;

const CARDS_MAX = 64;

export interface NvidiaSmiOptions {
  readonly clock: Clock;
  readonly run: RunHelper;
  /** Its path; undefined if it is not installed. */
  readonly find: () => Promise<string | undefined>;
  readonly limitMs?: number;
}

/** Asks once each time; while a question hangs, it asks no other. */
export class NvidiaSmi implements Source {
  readonly name = "nvidia";
  readonly #options: NvidiaSmiOptions;
  #path: string | undefined;
  /** Cards were seen: from then on silence is a fault. */
  #hadCards = false;
  #isHanging = false;

  constructor(options: NvidiaSmiOptions) {
    this.#options = options;
  }

  async read(): Promise<SourceReading> {
    const { clock, run, find, limitMs = LIMIT_MS } = this.#options;
    if (this.#isHanging) {
      return fault("a killed nvidia-smi has still not ended: the driver hangs");
    }
    this.#path ??= await find();
    if (this.#path === undefined) return this.#absent();
    const result = await run(this.#path, { args: ARGS, limitMs, clock });
    switch (result.kind) {
      case "missing":
        this.#path = undefined;
        return this.#absent();
      case "refused":
        return {
          ...NOTHING,
          unusable:
            "NVIDIA cards are not asked for their temperature: run with --allow-run",
        };
      case "hung":
        this.#isHanging = true;
        void result.gone.then(() => this.#isHanging = false);
        return fault(`nvidia-smi did not answer within ${limitMs / 1_000} s`);
      case "ended":
        return this.#understand(result.code, result.output);
    }
  }

  #absent(): SourceReading {
    return this.#hadCards ? fault("nvidia-smi is there no longer") : NOTHING;
  }

  #understand(code: number, output: string): SourceReading {
    const { cards, others } = parseCards(output);
    if (cards.length > 0) this.#hadCards = true;
    const faults: string[] = [];
    if (code !== 0 || others.length > 0) {
      const said = others[0] === undefined ? "nothing" : quote(others[0]);
      faults.push(`nvidia-smi ended with code ${code} and said ${said}`);
    }
    if (!this.#hadCards) {
      // A tool without a card, or without its driver: not a sensor that fell silent.
      const [why] = faults;
      return why === undefined ? NOTHING : {
        ...NOTHING,
        unusable:
          `No NVIDIA card is read: ${why}; see whether it works in a terminal`,
      };
    }
    return {
      temperatures: cards.flatMap(({ device, celsius }): Temperature[] =>
        celsius === undefined ? [] : [{ device, celsius }]
      ),
      // A card that is missing in the answer would be missing in the sum.
      powerW: faults.length > 0
        ? undefined
        : sumOf(cards.map(({ watts }) => watts)),
      faults,
    };
  }
}

interface Card {
  readonly device: string;
  readonly celsius: number | undefined;
  readonly watts: number | undefined;
}

/** The cards of a CSV answer, and the lines that are none. */
export function parseCards(
  output: string,
): { cards: Card[]; others: string[] } {
  const cards: Card[] = [];
  const others: string[] = [];
  const lines = output.split(/\r?\n/).map((line) => line.trim())
    .filter((line) => line !== "");
  for (const line of lines.slice(0, CARDS_MAX)) {
    const [index, ...more] = line.split(",").map((part) => part.trim());
    const watts = more.pop();
    const celsius = more.pop();
    if (
      !/^\d+$/.test(index ?? "") || watts === undefined ||
      celsius === undefined || more.length === 0
    ) {
      others.push(line);
      continue;
    }
    cards.push({
      device: `gpu${index} ${more.join(", ")}`,
      celsius: plausibleCelsius(number(celsius)),
      watts: plausibleWatts(number(watts)),
    });
  }
  return { cards, others };
}

/** NaN for "[N/A]", "[Not Supported]", "ERR!" and the like, which no device can have. */
function number(text: string): number {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
}

function fault(why: string): SourceReading {
  return { ...NOTHING, faults: [why] };
}
