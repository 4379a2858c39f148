import { assert, assertEquals } from "@std/assert";
import { openLibc } from "../../lib/platform/libc.ts";

const RLIMIT_NOFILE = 7;

// Stays open for the life of the process: inside a test it would count as a leak.
openLibc();

Deno.test({
  name: "openLibc() gives functions that answer as the kernel does",
  ignore: Deno.build.os !== "linux",
  fn() {
    const opened = openLibc();
    assert(opened.kind === "open");
    const limits = new BigUint64Array(2);
    const bytes = new Uint8Array(limits.buffer);
    assertEquals(opened.libc.getrlimit(RLIMIT_NOFILE, bytes), 0);
    const told = Deno.readTextFileSync("/proc/self/limits");
    const line = told.split("\n").find((it) => it.startsWith("Max open files"));
    const [, soft, hard] = /(\d+)\s+(\d+)/.exec(line ?? "") ?? [];
    assertEquals([`${limits[0]}`, `${limits[1]}`], [soft, hard]);
  },
});

Deno.test("openLibc() opens the library once", () => {
  assert(openLibc() === openLibc());
});
