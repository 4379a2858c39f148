import { assertEquals, assertStringIncludes } from "@std/assert";
import { HEADER_BYTES, headerFault } from "../../lib/process/program_header.ts";

const PLACE = {
  arch: "x86_64",
  runsOthers: false,
  exists: (path: string) => path === "/bin/sh" || path === "/usr/bin/env",
  isInPath: (name: string) => name === "bash",
};

function text(begin: string): Uint8Array {
  return new TextEncoder().encode(begin);
}

/** The beginning of a program for Linux with little-endian words of 64 bit. */
function elf(machine: number, loader: string): Uint8Array {
  const bytes = new Uint8Array(400);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(18, machine, true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 2, true);
  view.setUint32(64, 6, true);
  view.setUint32(120, 3, true);
  view.setBigUint64(128, 300n, true);
  bytes.set(text(`${loader}\0`), 300);
  return bytes;
}

Deno.test("headerFault() says why the kernel will not start a program", () => {
  const cases: [Uint8Array, string][] = [
    [text("#!/bin/bash\r\necho\r\n"), "line ends of Windows"],
    [text("#!/usr/bin/env python3\r\n"), "line ends of Windows"],
    [
      text("#! /opt/none/python -u\n"),
      '"/opt/none/python", which is not there',
    ],
    [text("#!/usr/bin/env python3\n"), '"python3", which is nowhere in PATH'],
    [text("MZ\x90"), "program for Windows"],
    [elf(183, "/lib/ld"), "program for aarch64, and this machine is x86_64"],
    [elf(243, "/lib/ld"), "RISC-V"],
    [elf(62, "/lib/ld-musl-x86_64.so.1"), '"/lib/ld-musl-x86_64.so.1"'],
  ];
  for (const [bytes, words] of cases) {
    assertStringIncludes(headerFault(bytes, PLACE) ?? "", words);
  }
});

Deno.test("headerFault() is silent about what may start", () => {
  const cases = [
    text(""),
    text("#!/bin/sh\nexec miner\n"),
    text("#!/usr/bin/env bash"),
    text("#!/usr/bin/env -S python3 -u\n"),
    text("#!/usr/bin/env A=1 python3\n"),
    text("#!relative\n"),
    text("echo a script without a first line of its own\n"),
    elf(62, "/bin/sh"),
    elf(3, "/bin/sh"),
    elf(62, ""),
    elf(62, "/lib/ld").subarray(0, 64),
    elf(62, "/lib/ld").subarray(0, 20),
    new Uint8Array(HEADER_BYTES),
  ];
  for (const bytes of cases) assertEquals(headerFault(bytes, PLACE), undefined);
  const emulated = { ...PLACE, runsOthers: true };
  for (const bytes of [text("MZ\x90"), elf(183, "/lib/ld")]) {
    assertEquals(headerFault(bytes, emulated), undefined);
  }
});
