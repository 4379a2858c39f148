import { assertEquals, assertStringIncludes } from "@std/assert";
import { missingProtections } from "../../lib/process/capabilities.ts";

const ALL = {
  os: "linux",
  run: true,
  env: true,
  ffi: true,
  proc: true,
  uptime: true,
  hasProc: true,
  hidden: undefined,
  cgroup: false,
} as const;

Deno.test("missingProtections() is silent when all is granted", () => {
  assertEquals(missingProtections(ALL), []);
  assertEquals(missingProtections({ ...ALL, os: "windows", proc: false }), []);
});

Deno.test("missingProtections() names the flag for each protection that is off", () => {
  const cases = [
    [{ run: false, proc: false }, "--allow-run"],
    [{ proc: false }, "--allow-all"],
    [{ env: false }, "--allow-env"],
    [{ uptime: false }, "--allow-sys=osUptime"],
    [{ os: "windows", ffi: false }, "--allow-ffi"],
  ] as const;
  for (const [but, flag] of cases) {
    const missing = missingProtections({ ...ALL, ...but });
    assertEquals(missing.length, 1, flag);
    assertStringIncludes(missing[0] ?? "", flag);
  }
});

Deno.test("missingProtections() expects no job objects on Linux", () => {
  assertEquals(missingProtections({ ...ALL, ffi: false, cgroup: true }), []);
});

Deno.test("missingProtections() says what the proof of OFF cannot show", () => {
  const hidden = "/proc hides some";
  const cases = [
    [{ ffi: false }, "--allow-ffi"],
    [{ hidden }, "as an orphan is counted instead"],
    [{ hidden, ffi: false }, "OFF cannot be told at all"],
    [{ hasProc: false, proc: false }, "process group alone"],
    [{ os: "other", proc: false, hasProc: false }, "process group alone"],
  ] as const;
  for (const [but, words] of cases) {
    const missing = missingProtections({ ...ALL, ...but });
    assertEquals(missing.length, 1, words);
    assertStringIncludes(missing[0] ?? "", words);
    const held = missingProtections({ ...ALL, ...but, cgroup: true });
    if (!("os" in but)) assertEquals(held, [], words);
  }
});
