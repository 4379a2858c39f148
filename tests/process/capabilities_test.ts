import { assertEquals, assertStringIncludes } from "@std/assert";
import { missingProtections } from "../../lib/process/capabilities.ts";

const ALL = {
  os: "linux",
  run: true,
  env: true,
  ffi: true,
  proc: true,
  uptime: true,
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
  assertEquals(missingProtections({ ...ALL, ffi: false }), []);
});
