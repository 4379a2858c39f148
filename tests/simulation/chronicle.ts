/** The last things that happened, for whoever has to find out why. */

import { moment } from "./script.ts";

const KEPT = 30;

/** Keeps the last happenings; words are made only when somebody reads them. */
export class Chronicle {
  readonly #kept: { readonly at: number; readonly what: unknown }[] = [];
  #count = 0;

  add(at: number, what: unknown): void {
    this.#kept[this.#count % KEPT] = { at, what };
    this.#count += 1;
  }

  /** One line each, the latest last. */
  lines(): string[] {
    const first = this.#count % KEPT;
    const ordered = [
      ...this.#kept.slice(first),
      ...this.#kept.slice(0, first),
    ];
    return ordered.map(({ at, what }) => `${moment(at)}  ${words(what)}`);
  }
}

function words(what: unknown): string {
  return typeof what === "string" ? what : JSON.stringify(what);
}
