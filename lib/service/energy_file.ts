/** EnergyFile: what was counted, kept over restarts and power cuts. */

import { type EnergyCounts, NO_ENERGY } from "../core/energy.ts";
import { decodeEnergy, encodeEnergy } from "../core/energy_text.ts";
import { wordsOf } from "../core/words.ts";
import type { Contents } from "./atomic_file.ts";
import type { WarnLog } from "./run_record.ts";

export interface EnergyFileOptions {
  /** For messages. */
  readonly path: string;
  readonly file: {
    read(): Promise<Contents>;
    write(text: string): Promise<void>;
  };
  /** Keeps a damaged file for whoever wants to look at it. */
  readonly putAside: () => Promise<void>;
  readonly log: WarnLog;
}

/** Writes one text at a time, the latest alone; a disk that fails is told once, not suffered. */
export class EnergyFile {
  readonly #options: EnergyFileOptions;
  /** What the disk has, and what it is to have. */
  #written: string | undefined;
  #wanted: string | undefined;
  #writing: Promise<void> | undefined;
  #isFaultLogged = false;

  constructor(options: EnergyFileOptions) {
    this.#options = options;
  }

  /** What was kept last; without anything, or damaged, counting begins at 0. Never rejects. */
  async load(): Promise<EnergyCounts> {
    const { file, path, log } = this.#options;
    const contents = await file.read();
    if (contents.kind === "missing") return NO_ENERGY;
    let reason: string;
    if (contents.kind === "damaged") reason = contents.reason;
    else {
      try {
        const counts = decodeEnergy(contents.text);
        this.#written = contents.text;
        return counts;
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        reason = error.message;
      }
    }
    log.warn(
      "Cannot use what was counted of energy, and counts from 0: {reason}. " +
        "The file is kept as {kept}",
      { reason, kept: `${path}.damaged` },
    );
    await this.#options.putAside().catch(() => {});
    return NO_ENERGY;
  }

  /** Resolves once the disk has these counts, or newer ones, or cannot take them. Never rejects. */
  async keep(counts: EnergyCounts): Promise<void> {
    this.#wanted = encodeEnergy(counts);
    this.#writing ??= this.#write();
    await this.#writing;
  }

  /** Never rejects. */
  async #write(): Promise<void> {
    const { file, path, log } = this.#options;
    // It must not end before `#writing` is set, or nothing is ever written again.
    await Promise.resolve();
    while (this.#wanted !== undefined && this.#wanted !== this.#written) {
      const text = this.#wanted;
      try {
        await file.write(text);
        this.#written = text;
        if (this.#isFaultLogged) {
          log.warn("Keeps what is counted of energy again", { path });
        }
        this.#isFaultLogged = false;
      } catch (error) {
        if (!this.#isFaultLogged) {
          log.warn(
            "Cannot keep what is counted of energy, a restart would lose it: " +
              "see that the disk is not full and the folder can be written",
            { path, error: wordsOf(error) },
          );
        }
        this.#isFaultLogged = true;
        // The next counts are the next try.
        break;
      }
    }
    this.#writing = undefined;
  }
}
