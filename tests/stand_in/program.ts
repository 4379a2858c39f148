/**
 * Stands in for a miner, harmless and on purpose as unruly as the flags say.
 * Imports nothing unless it plays a miner, so that it starts fast. Run it with
 * all permissions; flags that it does not know are passed over.
 *
 * --started-file PATH   write {"pid", "startedAt"} (ms since 1970) there first of all
 * --pids-file PATH      append the pid of each process of the tree, and its start in ticks, one a line
 * --life 60s            end with code 99 after this time at the latest
 * --ignore A,B          ignore these signals
 * --on-signal CODE      end with CODE on SIGINT, SIGTERM and SIGHUP
 * --fork N              a child, that has a child, and so on, N deep
 * --escape              a helper that leaves group and session (double fork)
 * --clear-env-escape    the same, and with an empty environment
 * --clear-env-child     a child that leaves group and session, with an empty environment
 * --leave               end as soon as the helpers are there (the leader goes, the rest stays)
 * --child FLAGS         a child with these flags of its own
 * --respawn 100ms       start a worker, and start it again so long after its end, or --worker-life
 * --zombie              a child that has ended, and a parent that never asks for it
 * --stop                stop itself as SIGSTOP does, once all others are there
 * --hold-pipe           children and helpers keep the output pipes open
 * --exit-after 500ms    end by itself, with --code N
 * --flood KIND          no-newline, lines, or binary, as fast as it goes, with --bytes N in all
 * --flood rates         lines that tell one rate after another, with no rest at all until --life is over
 * --print-every 100ms   print a numbered line
 * --print TEXT          print TEXT at the start; --print-env NAME prints a variable
 * --like xmrig          print what XMRig prints; many more flags in lib/demo/miner_api/stand_in.ts
 * --api xmrig           answer on 127.0.0.1 as XMRig does, with --api-port N
 * --ignore-sigpipe      live on when nobody reads the output any more
 */

const args = Deno.args;

function option(name: string): string | undefined {
  const at = args.indexOf(`--${name}`);
  return at < 0 ? undefined : args[at + 1];
}

function has(name: string): boolean {
  return args.includes(`--${name}`);
}

const startedFile = option("started-file");
if (startedFile !== undefined) {
  const startedAt = performance.timeOrigin + performance.now();
  Deno.writeTextFileSync(
    startedFile,
    JSON.stringify({
      pid: Deno.pid,
      startedAt,
      origin: performance.timeOrigin,
    }),
  );
}

function durationMs(text: string | undefined, otherwise: number): number {
  const found = /^(\d+)(ms|s|m)?$/.exec(text ?? "");
  if (found === null) return otherwise;
  const unit = { ms: 1, s: 1000, m: 60_000 }[found[2] ?? "ms"] ?? 1;
  return Number(found[1]) * unit;
}

const text = new TextEncoder();

function write(line: string): void {
  writeBytes(text.encode(line + "\n"));
}

/** False when nobody reads any more. */
function writeBytes(
  bytes: Uint8Array,
  stream: "stdout" | "stderr" = "stdout",
): boolean {
  try {
    for (let at = 0; at < bytes.length;) {
      at += Deno[stream].writeSync(bytes.subarray(at));
    }
    return true;
  } catch (error) {
    // As a program does that leaves SIGPIPE alone.
    if (!has("ignore-sigpipe")) Deno.exit(141);
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    return false;
  }
}

interface CopyOptions {
  readonly detached?: boolean;
  readonly clearEnv?: boolean;
}

/** Starts this program once more, with the flags that go down to every process of the tree. */
function startCopy(
  flags: readonly string[],
  options: CopyOptions = {},
): Deno.ChildProcess {
  const passed = ["pids-file", "life", "ignore"].flatMap((name) => {
    const value = option(name);
    return value === undefined ? [] : [`--${name}`, value];
  });
  if (has("hold-pipe")) passed.push("--hold-pipe");
  const pipe = has("hold-pipe") ? "inherit" : "null";
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-config",
      "--no-lock",
      new URL(import.meta.url).pathname.replace(/^\/([A-Za-z]:)/, "$1"),
      ...flags,
      ...passed,
    ],
    stdin: "null",
    stdout: pipe,
    stderr: pipe,
    ...options,
  } as Deno.CommandOptions).spawn();
}

/** The one in between ends, so that nobody knows any more whose child the helper is. */
async function escape(clearEnv: boolean): Promise<void> {
  const between = startCopy([clearEnv ? "--hop-clear" : "--hop"], {
    detached: true,
    clearEnv,
  });
  await between.status;
}

/** Writes down who is there, so that a test knows without looking for it. */
function report(pid: number): void {
  const path = option("pids-file");
  if (path === undefined) return;
  let ticks = "";
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    // This platform has no such table.
  }
  Deno.writeTextFileSync(path, `${pid} ${ticks}\n`, { append: true });
}

function startZombie(): void {
  const script = "sleep 0.01 & exec sleep 60";
  report(new Deno.Command("sh", { args: ["-c", script] }).spawn().pid);
}

async function respawn(restMs: number): Promise<void> {
  const life = option("worker-life");
  for (;;) {
    await startCopy(life === undefined ? [] : ["--exit-after", life]).status;
    await new Promise((resolve) => setTimeout(resolve, restMs));
  }
}

/** Never waits for anything but the pipe, so only a signal that it does not handle ends it early. */
function floodWithRates(): void {
  const chunks = Array.from({ length: 16 }, (_, part) => {
    const lines = Array.from({ length: 1_000 }, (_, index) => {
      const rate = 1_000 + part * 1_000 + index;
      return `speed 10s/60s/15m ${rate}.1 ${rate}.5 n/a H/s max ${rate}.9 H/s\n`;
    });
    return text.encode(lines.join(""));
  });
  const endsAt = performance.now() + durationMs(option("life"), 60_000);
  for (let count = 0; performance.now() < endsAt; count += 1) {
    const chunk = chunks[count % chunks.length];
    if (chunk === undefined || !writeBytes(chunk)) return;
  }
  Deno.exit(99);
}

function flood(kind: string, bytesMax: number): void {
  if (kind === "rates") return floodWithRates();
  const chunk = new Uint8Array(65_500).fill(kind === "binary" ? 0x9b : 0x61);
  if (kind === "lines") {
    for (let at = 99; at < chunk.length; at += 100) chunk[at] = 10;
  }
  if (kind === "binary") {
    for (let at = 0; at < chunk.length; at += 1) chunk[at] = (at * 7919) & 255;
  }
  let left = bytesMax;
  const next = () => {
    const part = chunk.subarray(0, Math.min(chunk.length, left));
    if (!writeBytes(part)) return;
    left -= part.length;
    if (left > 0) setTimeout(next, 0);
  };
  if (bytesMax === Infinity) return next();
  while (left > 0) {
    const part = chunk.subarray(0, Math.min(chunk.length, left));
    if (!writeBytes(part)) return;
    left -= part.length;
  }
}

/** Prints and answers like a miner; loaded only then, so that all else starts fast. */
async function actAsMiner(): Promise<void> {
  const { StandIn } = await import("../../lib/demo/miner_api/stand_in.ts");
  const { systemClock } = await import("../../lib/clock.ts");
  const standIn = new StandIn({
    args,
    base: { hashrate: 2_750.1, shareEveryMs: 700 },
    clock: systemClock,
    print: (words, stream) => void writeBytes(text.encode(words), stream),
    quit: () => setTimeout(() => Deno.exit(0), 50),
  });
  if (option("on-signal") === undefined) {
    const ignored = option("ignore")?.split(",") ?? [];
    const heard = ["SIGINT", "SIGTERM", "SIGHUP"];
    listen(heard.filter((name) => !ignored.includes(name)), async (name) => {
      await standIn.end(name);
      Deno.exit(0);
    });
  }
  await standIn.run(new AbortController().signal);
}

function listen(
  names: readonly string[],
  heard: (name: string) => void,
): void {
  for (const name of names) {
    try {
      Deno.addSignalListener(name as Deno.Signal, () => heard(name));
    } catch {
      // This platform does not know it.
    }
  }
}

/** What needs no waiting: its upper life first, so that nothing of a broken test stays. */
function prepare(): void {
  setTimeout(() => Deno.exit(99), durationMs(option("life"), 60_000));
  report(Deno.pid);
  const ignored = option("ignore")?.split(",") ?? [];
  listen(ignored, () => {});
  const code = option("on-signal");
  if (code !== undefined) {
    const heard = ["SIGINT", "SIGTERM", "SIGHUP"];
    listen(
      heard.filter((name) => !ignored.includes(name)),
      () => Deno.exit(Number(code)),
    );
  }
  const print = option("print");
  if (print !== undefined) write(print);
  const variable = option("print-env");
  if (variable !== undefined) {
    write(`${variable}=${Deno.env.get(variable) ?? "(unset)"}`);
  }
}

async function startOthers(): Promise<void> {
  const depth = Number(option("fork") ?? 0);
  if (depth > 0) startCopy(depth > 1 ? ["--fork", String(depth - 1)] : []);
  if (has("child")) startCopy(option("child")?.split(" ") ?? []);
  if (has("zombie")) startZombie();
  if (has("clear-env-child")) startCopy([], { clearEnv: true, detached: true });
  if (has("escape")) await escape(false);
  if (has("clear-env-escape")) await escape(true);
  const rest = option("respawn");
  if (rest !== undefined) void respawn(durationMs(rest, 100));
}

function talk(): void {
  if (has("ready")) write("ready");
  if (has("stop")) Deno.kill(Deno.pid, "SIGSTOP");
  const every = option("print-every");
  if (every !== undefined) {
    let count = 0;
    setInterval(() => write(`line ${count += 1}`), durationMs(every, 100));
  }
  if (has("like") || has("api")) void actAsMiner();
  const kind = option("flood");
  if (kind !== undefined) {
    flood(kind, Number(option("bytes") ?? Infinity));
    if (option("bytes") !== undefined && !has("exit-after")) Deno.exit(0);
  }
}

async function main(): Promise<void> {
  prepare();
  if (has("hop") || has("hop-clear")) {
    startCopy([], { clearEnv: has("hop-clear"), detached: true });
    Deno.exit(0);
  }
  await startOthers();
  const exitAfter = option("exit-after");
  const code = Number(option("code") ?? 0);
  if (exitAfter !== undefined) {
    setTimeout(() => Deno.exit(code), durationMs(exitAfter, 0));
  }
  if (has("leave")) Deno.exit(code);
  talk();
}

await main();
