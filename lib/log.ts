/** The log: level, constant text, properties; to standard output and, if asked, to files. */

import {
  configure,
  dispose,
  getLogger,
  type LogRecord,
  type Sink,
} from "@logtape/logtape";
import { forJournal } from "./journal.ts";
import { LogFile } from "./log_file.ts";
import type { LogLevel, LogSettings } from "./log_settings.ts";

export interface LogOptions {
  readonly settings: LogSettings;
  /** Each command's output gets a file of its own, if there is a folder for it. */
  readonly commands: readonly string[];
  /** Where lines go besides files; standard output. */
  readonly write: (line: string) => void;
  /** What is written there is read by systemd's journal. */
  readonly journal?: boolean;
}

/**
 * Sets the log up for the whole program. A file that cannot be written is told
 * of and left out: heat does not depend on it.
 */
export async function openLog(options: LogOptions): Promise<void> {
  const { settings, commands, write, journal = false } = options;
  const stdout: Sink = (record) => write(lineOf(record, journal));
  const sinks: Record<string, Sink> = { stdout, faults: nowAndThen(stdout) };
  const faults: string[] = [];
  const dir = await dirFor(settings, faults);
  const outputs: Record<string, string> = {};
  if (dir !== undefined) {
    const open = (name: string, formatter: (record: LogRecord) => string) =>
      openFile(`${dir}/${name}.log`, { settings, formatter, faults });
    const main = await open("kolikko", oneLine);
    if (main !== undefined) sinks["main"] = main;
    for (const name of commands) {
      const output = await open(name, outputLine);
      if (output === undefined) continue;
      outputs[name] = `output of ${name}`;
      sinks[outputs[name]] = output;
    }
  }
  const everywhere = "main" in sinks ? ["stdout", "main"] : ["stdout"];
  const own = (category: string[], lowestLevel: LogLevel, sink: string) => ({
    category,
    lowestLevel,
    parentSinks: "override" as const,
    sinks: [sink],
  });
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
      ...commands.map((name) =>
        own(["kolikko", "output", name], "info", outputs[name] ?? "stdout")
      ),
      // What cannot be written to a file is not written to a file.
      own(FAULTS, "warning", "faults"),
      own(["logtape", "meta"], "warning", "faults"),
    ],
  });
  for (const fault of faults) getLogger(FAULTS).warn("{fault}", { fault });
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

const FAULTS = ["kolikko", "log"];

const ADVICE = "make it writable for this user, or set another dir, or " +
  'dir = "", below [log]; until the next start standard output alone is logged to';

/** The folder for files; undefined if there is none, or it cannot be written. */
async function dirFor(
  { dir }: LogSettings,
  faults: string[],
): Promise<string | undefined> {
  if (dir === undefined) return undefined;
  try {
    await Deno.mkdir(dir, { recursive: true });
    const probe = await Deno.makeTempFile({ dir, prefix: ".kolikko-" });
    await Deno.remove(probe);
    return dir;
  } catch (error) {
    faults.push(
      `Cannot write log files to "${dir}" (${messageOf(error)}): ${ADVICE}`,
    );
    return undefined;
  }
}

async function openFile(
  path: string,
  { settings, formatter, faults }: {
    readonly settings: LogSettings;
    readonly formatter: (record: LogRecord) => string;
    readonly faults: string[];
  },
): Promise<Sink | undefined> {
  const file = new LogFile({
    path,
    maxBytes: settings.maxSizeBytes,
    keep: settings.keep,
    onFault(error) {
      const reason = messageOf(error);
      getLogger(FAULTS).warn("Lines for {path} are lost: {reason}", {
        path,
        reason,
      });
    },
  });
  try {
    await file.open();
  } catch (error) {
    faults.push(
      `Cannot write the log file "${path}" (${messageOf(error)}): ${ADVICE}`,
    );
    return undefined;
  }
  const sink: Sink & AsyncDisposable = Object.assign(
    (record: LogRecord) => file.write(formatter(record)),
    { [Symbol.asyncDispose]: () => file.close() },
  );
  return sink;
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
