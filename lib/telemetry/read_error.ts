/** Why a miner could not be read. */

/** A fault of one reading: what came, and what to do about it. */
export class ReadError extends Error {
  override readonly name = "ReadError";
  /** The HTTP status, where that is the fault. */
  readonly status: number | undefined;
  /** What the owner can do; empty if waiting is all. */
  readonly advice: string;

  constructor(
    message: string,
    options: { readonly advice?: string; readonly status?: number } = {},
  ) {
    super(message);
    this.advice = options.advice ?? "";
    this.status = options.status;
  }
}

const SHOWN_MAX = 60;

/** The beginning of a stranger's answer, as one quoted line. */
export function excerpt(text: string): string {
  const line = text.slice(0, 4 * SHOWN_MAX).toWellFormed()
    .replaceAll(/[^\x20-\x7e]+/g, " ").trim();
  if (line === "") return "nothing readable";
  const cut = line.slice(0, SHOWN_MAX);
  return JSON.stringify(cut.length < line.length ? `${cut}...` : cut);
}
