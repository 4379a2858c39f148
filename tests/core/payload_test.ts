import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parseDemand, parseLevel, quote } from "../../lib/core/payload.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const parse = (text: string | Uint8Array, allowShutdown = false) =>
  parseDemand(typeof text === "string" ? bytes(text) : text, { allowShutdown });

Deno.test("parseDemand() takes exactly ON and OFF, white space around them aside", () => {
  for (const text of ["ON", " ON", "ON\n", "\r\n\tON  "]) {
    assertEquals(parse(text), { kind: "demand", demand: "on" }, text);
  }
  assertEquals(parse("OFF\n"), { kind: "demand", demand: "off" });
});

Deno.test("parseDemand() refuses everything else, and says what was said", () => {
  const table: [string | Uint8Array, string][] = [
    ["on", '"on"'],
    ["Off", '"Off"'],
    ["1", '"1"'],
    ["ON OFF", '"ON OFF"'],
    ["O\0N", "\\u{0}"],
    ["", "empty"],
    [" \n", "empty"],
    ["ON;rm -rf /", "ON;rm"],
    ["SHUTDOWN", "allow_shutdown"],
    [new Uint8Array([0xff, 0xfe, 0x4f]), "UTF-8"],
    [new Uint8Array([0x4f, 0x4e, 0xc3]), "UTF-8"],
    ["x".repeat(1_025), "1025 bytes"],
    [`ON${" ".repeat(1_023)}`, "1025 bytes"],
    ["\u001b[2J\u0007", "\\u{1b}"],
  ];
  for (const [text, phrase] of table) {
    const said = parse(text);
    assert(said.kind === "refused", String(text));
    assert(said.why.includes(phrase), said.why);
    assert(said.why.length < 200, said.why);
  }
});

Deno.test("parseDemand() reads up to 1024 bytes", () => {
  assertEquals(parse(`ON${" ".repeat(1_022)}`).kind, "demand");
});

Deno.test("parseDemand() knows SHUTDOWN only if that is allowed", () => {
  assertEquals(parse("SHUTDOWN", true), { kind: "shutdown" });
  assertEquals(parse("shutdown", true).kind, "refused");
});

Deno.test("quote() leaves nothing that could act on a terminal or a reader", () => {
  assertEquals(quote('a"b\\c'), '"a\\"b\\\\c"');
  assertEquals(quote("\u202Egnp"), '"\\u{202e}gnp"');
  assertEquals(quote("ä😀"), '"ä😀"');
  assertEquals(quote("x".repeat(50)), `"${"x".repeat(40)}"...`);
});

Deno.test("quote() counts characters, and breaks none in two", () => {
  assertEquals(quote("x".repeat(40)), `"${"x".repeat(40)}"`);
  assertEquals(quote("x".repeat(41)), `"${"x".repeat(40)}"...`);
  assertEquals(quote("😀".repeat(40)), `"${"😀".repeat(40)}"`);
  assertEquals(quote("😀".repeat(41)), `"${"😀".repeat(40)}"...`);
  assertEquals(quote("x" + "😀".repeat(99)), `"x${"😀".repeat(39)}"...`);
});

Deno.test("parseLevel() takes numbers from 0 to 100, and nothing else", () => {
  const read = (text: string) => parseLevel(new TextEncoder().encode(text));
  const off = { kind: "demand", demand: "off" } as const;
  const on = (level: number) =>
    ({ kind: "demand", demand: "on", level }) as const;
  const table: [string, ReturnType<typeof read>][] = [
    ["0", off],
    ["0.0", off],
    ["0.000001", off],
    ["0.49", off],
    ["0.5", on(0.5)],
    ["100", on(100)],
    [" 66\n", on(66)],
    ["43.7", on(43.7)],
    // As a template says 100 / 3.
    ["33.333333333333336", on(33.333333333333336)],
    ["007", on(7)],
  ];
  for (const [text, said] of table) assertEquals(read(text), said, text);
  const bad = ["", " ", "101", "-1", "+5", "1e2", "50%", "4,5", "ON", "NaN"];
  for (const text of [...bad, ".5", "5.", "1000"]) {
    const said = read(text);
    assert(said.kind === "refused", text);
    assertStringIncludes(said.why, "a number from 0 to 100");
  }
  const long = parseLevel(new Uint8Array(2_000));
  assert(long.kind === "refused" && long.why.includes("2000 bytes"));
});
