/** The few functions of the C library that Deno does not offer, as foreign functions. Linux alone. */

import { wordsOf } from "../core/words.ts";
import { foreignRefusal } from "./foreign.ts";

const SYMBOLS = {
  prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
  getrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  setrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  waitpid: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  geteuid: { parameters: [], result: "u32" },
  _exit: { parameters: ["i32"], result: "void" },
} as const;

/** The functions themselves. */
export type Libc = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** The outcome of opening the library. */
export type LibcResult =
  | { readonly kind: "open"; readonly libc: Libc }
  | { readonly kind: "refused"; readonly reason: string };

let opened: LibcResult | undefined;

/** Opens the library once; it stays open for the life of the process. Never throws. */
export function openLibc(): LibcResult {
  opened ??= open();
  return opened;
}

function open(): LibcResult {
  if (Deno.build.os !== "linux") {
    return { kind: "refused", reason: "this is no Linux" };
  }
  try {
    const reason = foreignRefusal();
    if (reason !== undefined) return { kind: "refused", reason };
    const { symbols } = Deno.dlopen("libc.so.6", SYMBOLS);
    return { kind: "open", libc: symbols };
  } catch (error) {
    return {
      kind: "refused",
      reason: `libc.so.6 cannot be used: ${wordsOf(error)}`,
    };
  }
}
