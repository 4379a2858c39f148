/**
 * Starting a program on Windows: suspended, so that it is in its job before its
 * first instruction, with nothing inherited but its three standard handles. It
 * shares the controller's console, so that no window of its own opens.
 */

import type { Clock } from "../clock.ts";
import { hasEnded } from "./job_object.ts";
import type { Handle, Kernel32 } from "./kernel32.ts";

/** What Windows is to start. */
export interface ProgramCall {
  /** The full path of an .exe file. */
  readonly program: string;
  /** The whole line, the program first, quoted as Windows programs read it. */
  readonly commandLine: string;
  readonly cwd: string;
  /** All of the environment, nothing is added. */
  readonly env: ReadonlyMap<string, string>;
}

/** A program that was started; Deno's own child is one as well. */
export interface StartedProgram {
  readonly pid: number;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  /** How it ended. */
  readonly status: Promise<{ readonly code: number }>;
  /** Ends this process alone. */
  kill(signal: "SIGKILL"): void;
}

/** What a start needs from around it. */
export interface StartDeps {
  readonly kernel32: Kernel32;
  readonly clock: Clock;
}

/** Windows refused a start, with its own number for why. */
export class StartRefused extends Error {
  constructor(readonly code: number) {
    super(`error ${code}`);
  }
}

const CREATE_SUSPENDED = 0x4;
const CREATE_UNICODE_ENVIRONMENT = 0x400;
const EXTENDED_STARTUPINFO_PRESENT = 0x8_0000;
const CREATION = CREATE_SUSPENDED | CREATE_UNICODE_ENVIRONMENT |
  EXTENDED_STARTUPINFO_PRESENT;

/** The layouts of 64-bit Windows. */
const SECURITY = { bytes: 24, inheritAt: 16 };
const STARTUP = {
  bytes: 112,
  flagsAt: 60,
  useHandles: 0x100,
  handlesAt: 80,
  attributesAt: 104,
};
const CREATED = { bytes: 24, processAt: 0, threadAt: 8, pidAt: 16 };
const HANDLE_BYTES = 8;
const ATTRIBUTE_HANDLE_LIST = 0x2_0002n;
const HANDLE_FLAG_INHERIT = 1;

const GENERIC_READ = 0x8000_0000;
const SHARE_ALL = 7;
const OPEN_EXISTING = 3;
/** CreateFileW says so instead of a null pointer. */
const INVALID_HANDLE = 0xffff_ffff_ffff_ffffn;

const PIPE_BYTES = 65_536;
/** Between two looks at output and end; longer while nothing comes. */
const REST_MS = 10;
const REST_MS_MAX = 50;
const KILLED_ALONE_CODE = 1;

/**
 * Starts a program; `hold` gets it before its first instruction, and must not throw.
 * @throws {StartRefused} if Windows refuses; then nothing runs and nothing is left open.
 */
export function startSuspended(
  deps: StartDeps,
  call: ProgramCall,
  hold: (process: Handle, pid: number) => void,
): StartedProgram {
  const { kernel32 } = deps;
  const opened: Handle[] = [];
  const close = (handles: readonly Handle[]) => {
    for (const handle of handles) kernel32.CloseHandle(handle);
  };
  let created: Created;
  const pipes: Pipe[] = [];
  try {
    const nothing = openNothing(kernel32);
    opened.push(nothing);
    for (let count = 0; count < 2; count += 1) {
      const pipe = createPipe(kernel32);
      pipes.push(pipe);
      opened.push(pipe.write);
    }
    created = createProcess(kernel32, call, opened);
  } catch (error) {
    close(pipes.map(({ read }) => read));
    throw error;
  } finally {
    // The program has its own; a pipe that we hold open would never end.
    close(opened);
  }
  const { process, thread, pid } = created;
  hold(process, pid);
  kernel32.ResumeThread(thread);
  kernel32.CloseHandle(thread);
  const ended = new AbortController();
  const [stdout, stderr] = pipes
    .map(({ read }) => outputOf(deps, read, ended.signal));
  if (stdout === undefined || stderr === undefined) throw new Error("No pipes");
  return { pid, stdout, stderr, ...lifeOf(deps, process, ended) };
}

interface Created {
  readonly process: Handle;
  readonly thread: Handle;
  readonly pid: number;
}

interface Pipe {
  readonly read: Handle;
  readonly write: Handle;
}

/** Its memory neither moves nor goes: Windows keeps pointers into it during a call. */
function memory(bytes: number): DataView<ArrayBuffer> {
  return new DataView(new ArrayBuffer(bytes));
}

function addressOf(view: DataView<ArrayBuffer>): bigint {
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(view));
}

function handleOf(value: bigint): Handle {
  const handle = Deno.UnsafePointer.create(value);
  if (handle === null) throw new Error("Windows gave a handle that is none");
  return handle;
}

function valueOf(handle: Handle): bigint {
  return Deno.UnsafePointer.value(handle);
}

function wide(text: string): DataView<ArrayBuffer> {
  const view = memory(2 * (text.length + 1));
  for (let at = 0; at < text.length; at += 1) {
    view.setUint16(2 * at, text.charCodeAt(at), true);
  }
  return view;
}

/** What can be inherited by those that are given it by name. */
function inheritable(): DataView<ArrayBuffer> {
  const view = memory(SECURITY.bytes);
  view.setUint32(0, SECURITY.bytes, true);
  view.setInt32(SECURITY.inheritAt, 1, true);
  return view;
}

/** An input that is at its end. */
function openNothing(kernel32: Kernel32): Handle {
  const handle = kernel32.CreateFileW(
    wide("NUL"),
    GENERIC_READ,
    SHARE_ALL,
    inheritable(),
    OPEN_EXISTING,
    0,
    null,
  );
  if (handle === null || valueOf(handle) === INVALID_HANDLE) {
    throw new StartRefused(kernel32.GetLastError());
  }
  return handle;
}

function createPipe(kernel32: Kernel32): Pipe {
  const ends = memory(2 * HANDLE_BYTES);
  const read = new Uint8Array(ends.buffer, 0, HANDLE_BYTES);
  const write = new Uint8Array(ends.buffer, HANDLE_BYTES, HANDLE_BYTES);
  if (kernel32.CreatePipe(read, write, inheritable(), PIPE_BYTES) === 0) {
    throw new StartRefused(kernel32.GetLastError());
  }
  const pipe = {
    read: handleOf(ends.getBigUint64(0, true)),
    write: handleOf(ends.getBigUint64(HANDLE_BYTES, true)),
  };
  kernel32.SetHandleInformation(pipe.read, HANDLE_FLAG_INHERIT, 0);
  return pipe;
}

/** `handles`: input, output, errors, in this order. */
function createProcess(
  kernel32: Kernel32,
  { program, commandLine, cwd, env }: ProgramCall,
  handles: readonly Handle[],
): Created {
  const startup = memory(STARTUP.bytes);
  startup.setUint32(0, STARTUP.bytes, true);
  startup.setUint32(STARTUP.flagsAt, STARTUP.useHandles, true);
  const { handlesAt } = STARTUP;
  for (const [index, handle] of handles.entries()) {
    const at = handlesAt + HANDLE_BYTES * index;
    startup.setBigUint64(at, valueOf(handle), true);
  }
  // Windows reads them there until the process is made: memory that is used later than that.
  const list = new DataView(
    startup.buffer,
    handlesAt,
    HANDLE_BYTES * handles.length,
  );
  const attributes = inheritList(kernel32, list);
  startup.setBigUint64(STARTUP.attributesAt, addressOf(attributes), true);
  const created = memory(CREATED.bytes);
  try {
    const done = kernel32.CreateProcessW(
      wide(program),
      wide(commandLine),
      null,
      null,
      1,
      CREATION,
      environmentBlock(env),
      wide(cwd),
      startup,
      created,
    );
    if (done === 0) throw new StartRefused(kernel32.GetLastError());
  } finally {
    kernel32.DeleteProcThreadAttributeList(attributes);
  }
  return {
    process: handleOf(created.getBigUint64(CREATED.processAt, true)),
    thread: handleOf(created.getBigUint64(CREATED.threadAt, true)),
    pid: created.getUint32(CREATED.pidAt, true),
  };
}

/** Says that these handles alone are inherited, whatever else of ours could be. */
function inheritList(
  kernel32: Kernel32,
  handles: DataView<ArrayBuffer>,
): DataView<ArrayBuffer> {
  const size = memory(8);
  // Fails on purpose: it tells how much room it needs.
  kernel32.InitializeProcThreadAttributeList(null, 1, 0, size);
  const list = memory(Number(size.getBigUint64(0, true)));
  if (kernel32.InitializeProcThreadAttributeList(list, 1, 0, size) === 0) {
    throw new StartRefused(kernel32.GetLastError());
  }
  const updated = kernel32.UpdateProcThreadAttribute(
    list,
    0,
    ATTRIBUTE_HANDLE_LIST,
    handles,
    BigInt(handles.byteLength),
    null,
    null,
  );
  if (updated !== 0) return list;
  const error = new StartRefused(kernel32.GetLastError());
  kernel32.DeleteProcThreadAttributeList(list);
  throw error;
}

/** Windows wants the names in order, whatever their case; an empty name ends the block. */
function environmentBlock(
  env: ReadonlyMap<string, string>,
): DataView<ArrayBuffer> {
  const order = (name: string) => name.toUpperCase();
  const lines = [...env]
    .filter(([name, value]) => !/\0/.test(name + value))
    .toSorted(([one], [other]) => order(one) < order(other) ? -1 : 1)
    .map(([name, value]) => `${name}=${value}\0`);
  return wide(lines.length === 0 ? "\0" : lines.join(""));
}

/** All of the controller's own environment, secrets included. */
export function environmentOf(kernel32: Kernel32): Map<string, string> {
  const env = new Map<string, string>();
  const block = kernel32.GetEnvironmentStringsW();
  if (block === null) return env;
  const view = new Deno.UnsafePointerView(block);
  for (let at = 0;;) {
    const units: number[] = [];
    for (let unit = view.getUint16(at); unit !== 0; unit = view.getUint16(at)) {
      units.push(unit);
      at += 2;
    }
    at += 2;
    if (units.length === 0) break;
    const line = String.fromCharCode(...units);
    // The names of the drives' folders begin with "=".
    const cut = line.indexOf("=", 1);
    env.set(line.slice(0, cut), line.slice(cut + 1));
  }
  kernel32.FreeEnvironmentStringsW(block);
  return env;
}

/**
 * Looks now and then for what was written, and ends with its last writer. A
 * read that waits would take one of the few threads that Deno has on Windows.
 */
function outputOf(
  { kernel32, clock }: StartDeps,
  pipe: Handle,
  ended: AbortSignal,
): ReadableStream<Uint8Array> {
  const over = new AbortController();
  let restMs = REST_MS;
  const close = () => {
    over.abort();
    kernel32.CloseHandle(pipe);
  };
  const source: UnderlyingByteSource = {
    type: "bytes",
    autoAllocateChunkSize: PIPE_BYTES,
    async pull(controller) {
      const request = controller.byobRequest;
      const room = request?.view;
      if (!request || !room) return;
      while (!over.signal.aborted) {
        const bytes = readNow(kernel32, pipe, room);
        if (bytes === undefined) {
          close();
          controller.close();
          return request.respond(0);
        }
        if (bytes > 0) {
          restMs = REST_MS;
          return request.respond(bytes);
        }
        // The last words are read at once; who holds the pipe after that is no hurry.
        const wake = ended.aborted ? [over.signal] : [over.signal, ended];
        await clock.sleep(restMs, AbortSignal.any(wake));
        restMs = Math.min(2 * restMs, REST_MS_MAX);
      }
    },
    cancel: close,
  };
  return new ReadableStream(source, { highWaterMark: 0 });
}

/** How many bytes came; undefined once nobody can write any more. */
function readNow(
  kernel32: Kernel32,
  pipe: Handle,
  room: ArrayBufferView<ArrayBuffer>,
): number | undefined {
  const count = memory(4);
  const peeked = kernel32.PeekNamedPipe(pipe, null, 0, null, count, null);
  if (peeked === 0) return undefined;
  const bytes = Math.min(count.getUint32(0, true), room.byteLength);
  if (bytes === 0) return 0;
  // What is there is read at once.
  const buffer = new Uint8Array(room.buffer, room.byteOffset, room.byteLength);
  const read = kernel32.ReadFile(pipe, buffer, bytes, count, null);
  return read === 0 ? undefined : count.getUint32(0, true);
}

function lifeOf(
  { kernel32, clock }: StartDeps,
  process: Handle,
  ended: AbortController,
): Pick<StartedProgram, "status" | "kill"> {
  const status = async () => {
    while (!hasEnded(kernel32, process)) await clock.sleep(REST_MS_MAX);
    ended.abort();
    const code = memory(4);
    kernel32.GetExitCodeProcess(process, code);
    kernel32.CloseHandle(process);
    // What it said last may say why it ended: that comes first.
    await clock.sleep(0);
    return { code: code.getInt32(0, true) };
  };
  return {
    status: status(),
    kill: () => {
      if (!ended.signal.aborted) {
        kernel32.TerminateProcess(process, KILLED_ALONE_CODE);
      }
    },
  };
}
