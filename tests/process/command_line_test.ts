import { assertEquals } from "@std/assert";
import { commandLine } from "../../lib/process/command_line.ts";

// What Microsoft's C library reads from the line, after its documented rules.
const CASES: readonly (readonly [arg: string, written: string])[] = [
  ["plain", "plain"],
  ["", '""'],
  ["two words", '"two words"'],
  ["tab\there", '"tab\there"'],
  ['a "quote"', '"a \\"quote\\""'],
  ["C:\\end\\", "C:\\end\\"],
  ["C:\\end with\\", '"C:\\end with\\\\"'],
  ['back\\"quote', '"back\\\\\\"quote"'],
  ["100% %PATH% a&b|c^", '"100% %PATH% a&b|c^"'],
];

for (const [arg, written] of CASES) {
  Deno.test(`commandLine() writes ${JSON.stringify(arg)} so that it is read as it was`, () => {
    assertEquals(
      commandLine("C:\\m y.exe", [arg], false),
      `"C:\\m y.exe" ${written}`,
    );
  });
}

Deno.test("commandLine() leaves raw arguments as they are", () => {
  assertEquals(
    commandLine("cmd.exe", ["/c", '""a b" c"'], true),
    '"cmd.exe" /c ""a b" c"',
  );
});
