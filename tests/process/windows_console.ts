/**
 * Runs Deno with the arguments behind the first in a console of its own, and
 * presses Ctrl-C there as soon as the file that the first argument names is
 * there; ends with its exit code, after a minute at most. Nothing
 * that is printed can be read: a new console takes the old pipes away.
 */

const SYMBOLS = {
  FreeConsole: { parameters: [], result: "i32" },
  AllocConsole: { parameters: [], result: "i32" },
  GenerateConsoleCtrlEvent: { parameters: ["u32", "u32"], result: "i32" },
} as const;
const CTRL_C = 0;
const EVERYBODY = 0;
const LIFE_MS_MAX = 60_000;
const REFUSED = 98;

const [file = "", ...args] = Deno.args;
const console = Deno.dlopen("kernel32.dll", SYMBOLS).symbols;
console.FreeConsole();
if (console.AllocConsole() === 0) Deno.exit(REFUSED);
// It hears it as well.
Deno.addSignalListener("SIGINT", () => {});

const child = new Deno.Command(Deno.execPath(), {
  args,
  stdin: "null",
  stdout: "null",
  stderr: "null",
}).spawn();
setTimeout(() => child.kill("SIGKILL"), LIFE_MS_MAX);
const look = setInterval(() => {
  try {
    Deno.statSync(file);
  } catch {
    return;
  }
  clearInterval(look);
  if (console.GenerateConsoleCtrlEvent(CTRL_C, EVERYBODY) === 0) {
    Deno.exit(REFUSED);
  }
}, 50);
Deno.exit((await child.status).code);
