/** `deno task test`: runs all tests and ends with a plain line that counts them. */

const args = Deno.args.length > 0 ? Deno.args : ["tests/"];
const child = new Deno.Command(Deno.execPath(), {
  args: ["test", "-A", "--no-prompt", ...args],
  env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
  stdin: "null",
  stdout: "piped",
  stderr: "inherit",
}).spawn();

let text = "";
const decoder = new TextDecoder();
for await (const chunk of child.stdout) {
  const piece = decoder.decode(chunk, { stream: true });
  text += piece;
  await Deno.stdout.write(new TextEncoder().encode(piece));
}
const { code } = await child.status;

// A file that does not load makes no test fail, only the exit code.
const line = text.match(/^(?:ok|FAILED) \| .*$/gm)?.at(-1) ?? "";
const count = (word: string) =>
  Number(line.match(new RegExp(`(\\d+) ${word}`))?.[1] ?? 0);
const passed = count("passed");
const failed = Math.max(count("failed"), code === 0 ? 0 : 1);
const none = passed === 0 && failed === 0 ? 1 : 0;
// deno-lint-ignore no-console
console.log(
  `${passed} passed, ${failed + none} failed, ${count("ignored")} skipped`,
);
Deno.exit(code === 0 && none === 0 ? 0 : 1);
