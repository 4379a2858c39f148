/** The log: level, constant text, properties; to standard output and, if asked, to files. */

import { getRotatingFileSink } from "@logtape/file";
import {
  configure,
  dispose,
  getLogger,
  type LogRecord,
  type Sink,
} from "@logtape/logtape";
import { forJournal } from "./journal.ts";
import type { LogSettings } from "./log_settings.ts";

export interface LogOptions {
  readonly settings: LogSettings;
  /** Each command's output gets a file of its own, if there is a folder for it. */
  readonly commands: readonly string[];
  /** Where lines go besides files; standard output. */
  readonly write: (line: string) => void;
  /** What is written there is read by systemd's journal. */
  readonly journal?: boolean;
}

/** Lines that wait for a file are written after so long. */
const FLUSH_MS = 1_000;

/**
 * Sets the log up for the whole program.
 * @throws {LogError} if the folder cannot be written.
 */
export async function openLog(options: LogOptions): Promise<void> {
  const { settings, commands, write, journal = false } = options;
  const stdout: Sink = (record) => write(lineOf(record, journal));
  const sinks: Record<string, Sink> = { stdout, faults: nowAndThen(stdout) };
  const outputs: Record<string, string> = {};
  if (settings.dir !== undefined) {
    await makeDir(settings.dir);
    sinks["main"] = rotating(`${settings.dir}/kolikko.log`, settings);
    for (const name of commands) {
      outputs[name] = `output of ${name}`;
      sinks[`output of ${name}`] = rotating(
        `${settings.dir}/${name}.log`,
        settings,
      );
    }
  }
  const everywhere = "main" in sinks ? ["stdout", "main"] : ["stdout"];
  await configure({
    reset: true,
    sinks,
    loggers: [
      {
        category: ["kolikko"],
        lowestLevel: settings.level,
        sinks: everywhere,
      },
      // A miner's own lines are not news of ours: they go to its own file alone.
      ...commands.map((name) => ({
        category: ["kolikko", "output", name],
        lowestLevel: "info" as const,
        parentSinks: "override" as const,
        sinks: [outputs[name] ?? "stdout"],
      })),
      {
        category: ["logtape", "meta"],
        lowestLevel: "warning",
        sinks: ["faults"],
      },
    ],
  });
}

/** Writes what waits, and closes the files. */
export async function closeLog(): Promise<void> {
  await dispose();
}

/** Where a command's own output goes. */
export function outputLog(name: string): (line: string) => void {
  const log = getLogger(["kolikko", "output", name]);
  return (line) => log.info("{line}", { line });
}

/** The folder for log files cannot be used. */
export class LogError extends Error {}

async function makeDir(dir: string): Promise<void> {
  try {
    await Deno.mkdir(dir, { recursive: true });
    const probe = await Deno.makeTempFile({ dir, prefix: ".kolikko-" });
    await Deno.remove(probe);
  } catch (error) {
    throw new LogError(
      `Cannot write log files to "${dir}" (${messageOf(error)}): make the ` +
        `folder writable, or set dir = "" below [log] to log to standard ` +
        `output alone`,
      { cause: error },
    );
  }
}

function rotating(path: string, settings: LogSettings): Sink {
  const formatter = path.endsWith("/kolikko.log") ? oneLine : outputLine;
  return getRotatingFileSink(path, {
    formatter: (record) => `${formatter(record)}\n`,
    maxSize: settings.maxSizeBytes,
    // The current file counts, too.
    maxFiles: settings.keep - 1,
    // Waiting for a slow disk would hold up an OFF.
    nonBlocking: true,
    flushInterval: FLUSH_MS,
  });
}

/** What is printed of a record: for a reader, or for the journal, which has time stamps of its own. */
export function lineOf(record: LogRecord, journal: boolean): string {
  if (!journal) return oneLine(record);
  return forJournal(textOf(record), record.level);
}

/** `2026-11-25T06:00:00.000Z info heat: Decided heat=on cause=word`. */
export function oneLine(record: LogRecord): string {
  const { category, level } = record;
  const isOutput = category[1] === "output";
  const front = isOutput ? "" : `${level.padEnd(7)} `;
  return `${timeOf(record)} ${front}${textOf(record)}`;
}

function textOf(record: LogRecord): string {
  const { category, properties } = record;
  if (category[1] === "output") return `${category[2]} | ${properties["line"]}`;
  const used = new Set<string>();
  const text = record.message.map((part, index) => {
    if (index % 2 === 0) return part;
    return typeof part === "string" ? part : shown(part);
  }).join("");
  for (const [, name] of String(record.rawMessage).matchAll(/\{(\w+)\}/g)) {
    if (name !== undefined) used.add(name);
  }
  const rest = Object.entries(properties)
    .filter(([name, value]) => !used.has(name) && value !== undefined)
    .map(([name, value]) => ` ${name}=${shown(value)}`);
  const room = category.slice(1).join(".");
  return `${room}: ${text}${rest.join("")}`;
}

/** Faults of the log itself, such as a full disk, are told once in so long. */
const REMIND_MS = 600_000;
const FAULTS_MAX = 50;

/** Passes each distinct line on at most once in ten minutes. */
export function nowAndThen(sink: Sink): Sink {
  const told = new Map<string, number>();
  return (record) => {
    const text = record.message.map(String).join("");
    const at = told.get(text);
    if (at !== undefined && record.timestamp - at < REMIND_MS) return;
    if (told.size >= FAULTS_MAX) told.clear();
    told.set(text, record.timestamp);
    sink(record);
  };
}

function outputLine(record: LogRecord): string {
  return `${timeOf(record)} ${record.properties["line"]}`;
}

function timeOf(record: LogRecord): string {
  return new Date(record.timestamp).toISOString();
}

function shown(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(messageOf(value));
  if (typeof value === "string") {
    return /^[\w.,:/@+=-]+$/.test(value) ? value : JSON.stringify(value);
  }
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
