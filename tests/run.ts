/**
 * `deno task test`: runs the tests and ends with a plain line that counts them.
 * End-to-end tests wait most of the time, so others run beside them.
 */

/** What one `deno test` came to. */
interface Result {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Runs one `deno test`; what it says is shown at once, or when it is awaited. */
async function runTests(
  paths: readonly string[],
  show: (text: string) => void,
): Promise<Result> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-prompt", ...paths],
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let text = "";
  const read = async (stream: ReadableStream<Uint8Array>) => {
    for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
      text += piece;
      show(piece);
    }
  };
  await Promise.all([read(child.stdout), read(child.stderr)]);
  const { code } = await child.status;
  const line = text.match(/^(?:ok|FAILED) \| .*$/gm)?.at(-1) ?? "";
  const count = (word: string) =>
    Number(line.match(new RegExp(`(\\d+) ${word}`))?.[1] ?? 0);
  const passed = count("passed");
  // A file that does not load makes no test fail, only the exit code.
  const failed = Math.max(count("failed"), code === 0 && passed > 0 ? 0 : 1);
  return { passed, failed, skipped: count("ignored") };
}

function say(text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) {
    at += Deno.stdout.writeSync(bytes.subarray(at));
  }
}

/** End-to-end tests in two groups, and all others; what needs Windows stays together. */
function groups(): string[][] {
  const end2end = [...Deno.readDirSync("tests/e2e")]
    .filter(({ name }) => /_test\.ts$/.test(name))
    .map(({ name }) => `tests/e2e/${name}`).toSorted();
  const windows = end2end.filter((path) => path.includes("/windows_"));
  const others = end2end.filter((path) => !windows.includes(path));
  const rest = [...Deno.readDirSync("tests")]
    .filter(({ name, isDirectory }) => isDirectory || /_test\.ts$/.test(name))
    .map(({ name }) => `tests/${name}`)
    .filter((path) => path !== "tests/e2e");
  return [
    others.filter((path) => path < "tests/e2e/lost"),
    others.filter((path) => path >= "tests/e2e/lost"),
    [...rest, ...windows].toSorted(),
  ];
}

/** Shows the first group as it runs, and what the others said behind it. */
async function runAll(all: readonly string[][]): Promise<readonly Result[]> {
  const held = all.map(() => "");
  const results = all.map((paths, index) =>
    runTests(
      paths,
      index === 0 ? say : (piece) => held[index] += piece,
    )
  );
  for (const [index, result] of results.entries()) {
    await result;
    say(held[index] ?? "");
  }
  return await Promise.all(results);
}

const results = await runAll(Deno.args.length > 0 ? [Deno.args] : groups());
const sum = (pick: (result: Result) => number) =>
  results.reduce((total, result) => total + pick(result), 0);
const failed = sum((result) => result.failed);
say(
  `${sum(({ passed }) => passed)} passed, ${failed} failed, ` +
    `${sum(({ skipped }) => skipped)} skipped\n`,
);
Deno.exit(failed === 0 ? 0 : 1);
