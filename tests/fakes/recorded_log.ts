import type { BrokerLog } from "../../lib/mqtt/broker_log.ts";

/** A log that keeps what a test looks at. */
export class RecordedLog implements BrokerLog {
  /** Each line as `level: text {properties}`. */
  readonly lines: string[] = [];

  debug(text: string, properties?: Record<string, unknown>): void {
    this.#keep("debug", text, properties);
  }

  info(text: string, properties?: Record<string, unknown>): void {
    this.#keep("info", text, properties);
  }

  warn(text: string, properties?: Record<string, unknown>): void {
    this.#keep("warn", text, properties);
  }

  /** The lines that are not for debugging alone. */
  get loud(): string[] {
    return this.lines.filter((line) => !line.startsWith("debug: "));
  }

  #keep(level: string, text: string, properties?: object): void {
    const tail = properties === undefined
      ? ""
      : ` ${JSON.stringify(properties)}`;
    this.lines.push(`${level}: ${text}${tail}`);
  }
}
