/** What the program logs while a test works. */

import { configure, type LogRecord, reset } from "@logtape/logtape";

/**
 * Hands the lines over as they come, each as `lineOf` makes it; one that it makes
 * nothing of is left out. One such test at a time: there is one log.
 */
export async function withLogged(
  lineOf: (record: LogRecord) => string | undefined,
  work: (lines: string[]) => void | Promise<void>,
): Promise<string[]> {
  const lines: string[] = [];
  const kept = (record: LogRecord) => {
    const line = lineOf(record);
    if (line !== undefined) lines.push(line);
  };
  await configure({
    reset: true,
    sinks: { kept },
    loggers: [
      { category: ["kolikko"], lowestLevel: "debug", sinks: ["kept"] },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: [] },
    ],
  });
  try {
    await work(lines);
  } finally {
    await reset();
  }
  return lines;
}
