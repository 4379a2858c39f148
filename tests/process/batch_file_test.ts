import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  batchCommand,
  type BatchFile,
  isBatchFile,
} from "../../lib/process/batch_file.ts";
import { StartError } from "../../lib/process/os_process.ts";

const ROOT = "C:\\Windows";

function batch(but: Partial<BatchFile> = {}): BatchFile {
  const path = "C:\\miner\\start.bat";
  return { name: "gpu", path, args: [], cwd: "C:\\miner", ...but };
}

function lineOf(but: Partial<BatchFile>): string | undefined {
  return batchCommand(batch(but), ROOT).rawArgs.at(-1);
}

function refused(but: Partial<BatchFile>, root: string | undefined): string {
  const call = () => batchCommand(batch(but), root);
  return assertThrows(call, StartError).message;
}

Deno.test("isBatchFile() knows what Windows runs through cmd.exe", () => {
  const yes = ["a.bat", "C:\\m\\start.CMD", "start.cmd. .", "x\ny.bat"];
  const no = [
    "a.exe",
    "bat",
    "a.bat.exe",
    "C:\\a.bat\\b.exe",
    "abat",
    "a.bat:b",
  ];
  assertEquals(yes.filter(isBatchFile), yes);
  assertEquals(no.filter(isBatchFile), []);
});

Deno.test("batchCommand() calls the cmd.exe of Windows itself, without AutoRun", () => {
  for (const root of [ROOT, `${ROOT}\\`]) {
    assertEquals(batchCommand(batch({ args: ["-o", "pool:1"] }), root), {
      program: "C:\\Windows\\System32\\cmd.exe",
      rawArgs: [
        "/e:on",
        "/v:off",
        "/d",
        "/s",
        "/c",
        '""C:\\miner\\start.bat" -o pool:1"',
      ],
    });
  }
});

Deno.test("batchCommand() quotes what would be parted, and nothing else", () => {
  const cases: readonly [string, string][] = [
    ["--url=a", '"--url=a"'],
    ["two words", '"two words"'],
    ["a,b;c", '"a,b;c"'],
    ["", '""'],
    ["C:\\end with\\", '"C:\\end with\\\\"'],
    ["C:\\end\\", "C:\\end\\"],
    [
      "stratum+tcp://pool.example.org:3333",
      "stratum+tcp://pool.example.org:3333",
    ],
    ["wallet.rig_1@x#$*?~-", "wallet.rig_1@x#$*?~-"],
    ["kääpiö矿", "kääpiö矿"],
    ["'a`", '"\'a`"'],
  ];
  for (const [arg, expected] of cases) {
    assertEquals(
      lineOf({ args: [arg] }),
      `""C:\\miner\\start.bat" ${expected}"`,
    );
  }
});

Deno.test("batchCommand() takes a folder with cmd.exe's characters as text", () => {
  const path = "C:\\Program Files (x86)\\a & b ^ !\\start.cmd";
  assertEquals(lineOf({ path }), `""${path}""`);
  assertEquals(lineOf({ path: `${path}. .` }), `""${path}""`);
});

Deno.test("batchCommand() refuses each argument that cmd.exe may take for a command", () => {
  for (const special of '"%!^&|<>()\n\r\t\0\u001a\u007f') {
    const args = ["-o", `pass${special}word`];
    const message = refused({ args }, ROOT);
    assertStringIncludes(message, `Cannot start "gpu"`);
    assertStringIncludes(message, `"C:\\miner\\start.bat"`);
    assertStringIncludes(message, `argument 2 of "args" holds `);
    assertStringIncludes(message, "write the argument into the batch file");
    // It may be a password, and the message is published.
    assertEquals(message.includes("pass"), false);
  }
});

Deno.test("batchCommand() refuses a path that cmd.exe would change", () => {
  const path = "C:\\100%\\start.bat";
  assertStringIncludes(refused({ path }, ROOT), `rename its folder`);
  const cwd = "\\\\nas\\miner";
  assertStringIncludes(refused({ cwd }, ROOT), `"${cwd}": set cwd to`);
});

Deno.test("batchCommand() never looks for cmd.exe anywhere else", () => {
  for (const root of [undefined, "", "Windows", "\\Windows"]) {
    assertStringIncludes(refused({}, root), "SystemRoot does not say");
  }
});
