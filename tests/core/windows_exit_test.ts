import { assertEquals } from "@std/assert";
import { exitInWords } from "../../lib/core/words.ts";

const cases: readonly [number, string][] = [
  [0, "exit code 0"],
  [3, "exit code 3"],
  [137, "exit code 137"],
  [-1, "exit code -1"],
  [4294967295, "exit code -1"],
  [-1073741819, "exit code 3221225477 (0xC0000005, access violation)"],
  [3221225477, "exit code 3221225477 (0xC0000005, access violation)"],
  [3221226525, "exit code 3221226525 (0xC000041D, error in a callback)"],
  [-1073740000, "exit code 3221227296 (0xC0000720)"],
  [
    9009,
    "exit code 9009 (the batch file calls a program that is not there: check cwd)",
  ],
];

for (const [code, words] of cases) {
  Deno.test(`exitInWords() says "${words}" for ${code}`, () => {
    assertEquals(exitInWords({ kind: "code", code }), words);
  });
}
