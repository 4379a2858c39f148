import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { StartError } from "../../lib/process/os_process.ts";
import {
  type ExecPlace,
  type Found,
  resolveExec,
} from "../../lib/process/resolve_exec.ts";

function unix(files: Record<string, Found>, path = "/usr/bin:/bin"): ExecPlace {
  return {
    os: "unix",
    path,
    pathExt: "",
    look: (file) => files[file] ?? (file === "/rig" ? "folder" : "missing"),
  };
}

function windows(
  files: readonly string[],
  pathExt = ".COM;.EXE;.VBS",
): ExecPlace {
  return {
    os: "windows",
    path: String.raw`C:\Windows;"D:\my miners"`,
    pathExt,
    look: (file) => {
      if (file === String.raw`C:\rig`) return "folder";
      return files.includes(file) ? "program" : "missing";
    },
  };
}

function find(exec: string, place: ExecPlace, cwd = "/rig"): string {
  return resolveExec({ name: "gpu", exec, cwd }, place);
}

Deno.test("resolveExec() looks in the working directory, then in PATH", () => {
  const inBoth: Record<string, Found> = {
    "/rig/xmrig": "program",
    "/bin/xmrig": "program",
  };
  assertEquals(find("xmrig", unix(inBoth)), "/rig/xmrig");
  assertEquals(find("xmrig", unix({ "/bin/xmrig": "program" })), "/bin/xmrig");
  assertEquals(
    find("xmrig", unix({ "/rig/bin/xmrig": "program" }, "bin:/bin")),
    "/rig/bin/xmrig",
  );
});

Deno.test("resolveExec() passes over what is no program on its way through PATH", () => {
  const place = unix({
    "/rig/xmrig": "folder",
    "/usr/bin/xmrig": "not_executable",
    "/bin/xmrig": "program",
  });
  assertEquals(find("xmrig", place), "/bin/xmrig");
});

Deno.test("resolveExec() takes an exec with a separator relative to the working directory alone", () => {
  const place = unix({ "/rig/bin/xmrig": "program", "/opt/xmrig": "program" });
  assertEquals(find("bin/xmrig", place), "/rig/bin/xmrig");
  assertEquals(find("./bin/xmrig", place), "/rig/bin/xmrig");
  assertEquals(find("/opt/xmrig", place), "/opt/xmrig");
});

Deno.test("resolveExec() says where it looked and what to do", () => {
  const cases: [string, ExecPlace, string][] = [
    [
      "xmrig",
      unix({}),
      `Cannot start "gpu" as "xmrig" is neither in the working directory "/rig" nor in PATH ("/usr/bin", "/bin"): install it, or set "exec" to its full path`,
    ],
    [
      "xmrig",
      unix({}, "/1:/2:/3:/4:/5:/6"),
      `("/1", "/2", "/3", "/4" and 2 more)`,
    ],
    ["xmrig", unix({}, ""), "PATH, which is empty"],
    [
      "./xmrig",
      unix({}),
      `Cannot start "gpu" as there is no "/rig/xmrig": correct "exec" or install the program`,
    ],
    [
      "./xmrig",
      unix({ "/rig/xmrig": "not_executable" }),
      `"/rig/xmrig" is not executable: run chmod +x on it`,
    ],
    [
      "/rig",
      unix({}),
      `"/rig" is a folder: give the path of the program in it`,
    ],
    ["", unix({}), `"exec" is empty`],
  ];
  for (const [exec, place, expected] of cases) {
    assertThrows(() => find(exec, place), StartError, expected);
  }
});

Deno.test("resolveExec() names a working directory that is not there", () => {
  const place = unix({ "/bin/xmrig": "program", "/file": "program" });
  assertThrows(
    () => find("xmrig", place, "/gone"),
    StartError,
    `its working directory "/gone" does not exist: create it or correct "cwd"`,
  );
  assertThrows(
    () => find("xmrig", place, "/file"),
    StartError,
    `"/file" is not a folder`,
  );
});

Deno.test("resolveExec() leaves the search to the system where it may not look", () => {
  const blind: ExecPlace = { ...unix({}), look: () => "unknown" };
  assertEquals(find("xmrig", blind), "xmrig");
  assertEquals(find("./xmrig", blind), "/rig/xmrig");
  assertEquals(find("xmrig", { ...unix({}), path: undefined }), "xmrig");
});

Deno.test("resolveExec() adds what Windows can start, and no scripts", () => {
  const cwd = String.raw`C:\rig`;
  const here = String.raw`C:\rig\xmrig.exe`;
  const there = String.raw`D:\my miners\xmrig.exe`;
  assertEquals(find("xmrig", windows([here, there]), cwd), here);
  assertEquals(find("xmrig.exe", windows([there]), cwd), there);
  assertEquals(find("xmrig", windows([there], ""), cwd), there);
  assertEquals(find(String.raw`.\xmrig`, windows([here]), cwd), here);
  assertEquals(
    find("D:/my miners/xmrig.exe", windows([there]), cwd),
    there,
  );
  // Without a drive it is the one of the working directory.
  assertEquals(
    find(
      String.raw`\miners\x.exe`,
      windows([String.raw`C:\miners\x.exe`]),
      cwd,
    ),
    String.raw`C:\miners\x.exe`,
  );
  const share = String.raw`\\nas\miners\x.exe`;
  assertEquals(find(share, windows([share]), cwd), share);
  assertEquals(
    find(String.raw`..\x.exe`, windows([`C:\\x.exe`]), cwd),
    `C:\\x.exe`,
  );
  assertThrows(
    () => find("xmrig", windows([String.raw`C:\rig\xmrig.vbs`]), cwd),
    StartError,
    `"xmrig" (xmrig.com, xmrig.exe) is neither in the working directory "C:\\rig"`,
  );
});

Deno.test("resolveExec() thinks of a virus scanner where a miner is missing, on Windows alone", () => {
  const advice = "a virus scanner took it";
  for (const exec of ["xmrig", String.raw`C:\rig\xmrig.exe`]) {
    const onWindows = assertThrows(
      () => find(exec, windows([]), String.raw`C:\rig`),
      StartError,
    );
    assertStringIncludes(onWindows.message, advice);
  }
  for (const exec of ["xmrig", "/rig/xmrig"]) {
    const onUnix = assertThrows(() => find(exec, unix({})), StartError);
    assertEquals(onUnix.message.includes(advice), false);
  }
});
