/** The functions of Windows that starting and holding programs needs, as foreign functions. */
import { wordsOf } from "../core/words.ts";
import { foreignRefusal } from "../platform/foreign.ts";

const SYMBOLS = {
  CreateJobObjectW: { parameters: ["pointer", "pointer"], result: "pointer" },
  SetInformationJobObject: {
    parameters: ["pointer", "i32", "buffer", "u32"],
    result: "i32",
  },
  QueryInformationJobObject: {
    parameters: ["pointer", "i32", "buffer", "u32", "pointer"],
    result: "i32",
  },
  AssignProcessToJobObject: {
    parameters: ["pointer", "pointer"],
    result: "i32",
  },
  TerminateJobObject: { parameters: ["pointer", "u32"], result: "i32" },
  TerminateProcess: { parameters: ["pointer", "u32"], result: "i32" },
  GetCurrentProcess: { parameters: [], result: "pointer" },
  OpenProcess: { parameters: ["u32", "i32", "u32"], result: "pointer" },
  WaitForSingleObject: { parameters: ["pointer", "u32"], result: "u32" },
  GetProcessTimes: {
    parameters: ["pointer", "buffer", "buffer", "buffer", "buffer"],
    result: "i32",
  },
  CreateToolhelp32Snapshot: { parameters: ["u32", "u32"], result: "pointer" },
  Process32FirstW: { parameters: ["pointer", "buffer"], result: "i32" },
  Process32NextW: { parameters: ["pointer", "buffer"], result: "i32" },
  CreateFileW: {
    parameters: ["buffer", "u32", "u32", "buffer", "u32", "u32", "pointer"],
    result: "pointer",
  },
  CreatePipe: {
    parameters: ["buffer", "buffer", "buffer", "u32"],
    result: "i32",
  },
  SetHandleInformation: {
    parameters: ["pointer", "u32", "u32"],
    result: "i32",
  },
  InitializeProcThreadAttributeList: {
    parameters: ["buffer", "u32", "u32", "buffer"],
    result: "i32",
  },
  UpdateProcThreadAttribute: {
    parameters: [
      "buffer",
      "u32",
      "usize",
      "buffer",
      "usize",
      "pointer",
      "pointer",
    ],
    result: "i32",
  },
  DeleteProcThreadAttributeList: { parameters: ["buffer"], result: "void" },
  CreateProcessW: {
    parameters: [
      "buffer",
      "buffer",
      "pointer",
      "pointer",
      "i32",
      "u32",
      "buffer",
      "buffer",
      "buffer",
      "buffer",
    ],
    result: "i32",
  },
  ResumeThread: { parameters: ["pointer"], result: "u32" },
  GetExitCodeProcess: { parameters: ["pointer", "buffer"], result: "i32" },
  GetEnvironmentStringsW: { parameters: [], result: "pointer" },
  FreeEnvironmentStringsW: { parameters: ["pointer"], result: "i32" },
  PeekNamedPipe: {
    parameters: ["pointer", "pointer", "u32", "pointer", "buffer", "pointer"],
    result: "i32",
  },
  ReadFile: {
    parameters: ["pointer", "buffer", "u32", "buffer", "pointer"],
    result: "i32",
  },
  CloseHandle: { parameters: ["pointer"], result: "i32" },
  GetLastError: { parameters: [], result: "u32" },
} as const;

/** The functions themselves. */
export type Kernel32 = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** A process, job or thread as Windows hands it out. */
export type Handle = NonNullable<Deno.PointerValue>;

/** What opening the library came to. */
export type Opened =
  | { readonly kind: "open"; readonly kernel32: Kernel32 }
  | { readonly kind: "refused"; readonly reason: string };

/** Opens the library; it stays open for the life of the controller. Never throws. */
export function openKernel32(): Opened {
  if (Deno.build.os !== "windows") {
    return { kind: "refused", reason: "job objects exist on Windows alone" };
  }
  try {
    const reason = foreignRefusal();
    if (reason !== undefined) return { kind: "refused", reason };
    const library = Deno.dlopen("kernel32.dll", SYMBOLS);
    return { kind: "open", kernel32: library.symbols };
  } catch (error) {
    const why = wordsOf(error);
    return { kind: "refused", reason: `kernel32.dll cannot be used: ${why}` };
  }
}
