import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  findOwnCgroup,
  locateOwnCgroup,
} from "../../lib/process/own_cgroup.ts";
import type { CgroupFiles } from "../../lib/process/cgroup_files.ts";

const V2 =
  "30 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
const HYBRID =
  "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n" +
  "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n" +
  "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";
const V1 =
  "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n";
const SERVICE = "/system.slice/kolikko.service";

Deno.test("locateOwnCgroup() finds our folder wherever cgroup v2 is mounted", () => {
  const container = V2.replace("0:26 / /sys", "0:26 /docker/abc /sys");
  const cases: [cgroup: string, mountinfo: string, path: string][] = [
    [`0::${SERVICE}\n`, V2, `/sys/fs/cgroup${SERVICE}`],
    [
      `4:memory:/else\n1:name=systemd:${SERVICE}\n0::${SERVICE}\n`,
      HYBRID,
      `/sys/fs/cgroup/unified${SERVICE}`,
    ],
    ["0::/docker/abc\n", container, "/sys/fs/cgroup"],
    ["0::/docker/abc/heat\n", container, "/sys/fs/cgroup/heat"],
    ["0::/a\n", V2.replace("/sys/fs", "/my\\040disk"), "/my disk/cgroup/a"],
    // A mount of another part of the tree comes first.
    ["0::/a\n", V2.replace(" / /sys", " /b /mnt") + V2, "/sys/fs/cgroup/a"],
  ];
  for (const [cgroup, mountinfo, path] of cases) {
    assertEquals(locateOwnCgroup({ cgroup, mountinfo }), {
      kind: "ours",
      path,
      isAlone: false,
    });
  }
});

Deno.test("locateOwnCgroup() says why there is none for us", () => {
  const cases: [cgroup: string, mountinfo: string, reason: string][] = [
    ["4:memory:/\n1:name=systemd:/\n", V1, "the system has no cgroup v2"],
    ["0::/\n", V2, "root cgroup"],
    [`0::${SERVICE}\n`, V1, `that shows "${SERVICE}"`],
    ["0::/docker/abcd\n", V2.replace(" / /", " /docker/abc /"), "that shows"],
    ["0::/../other\n", V2, "that shows"],
    ["", "", "the system has no cgroup v2"],
  ];
  for (const [cgroup, mountinfo, reason] of cases) {
    const own = locateOwnCgroup({ cgroup, mountinfo });
    assertStringIncludes(own.kind === "none" ? own.reason : "ours", reason);
  }
});

/** A system whose controller is in `own`, and whose folders answer as told. */
function files(own: string, makeFolder: () => void): CgroupFiles {
  return {
    read: (path) => path.endsWith("mountinfo") ? V2 : `0::${own}\n`,
    write() {},
    makeFolder,
    removeFolder() {},
    folders: () => [],
  };
}

const refuse = (message: string) => () => {
  throw new Deno.errors.PermissionDenied(message);
};

Deno.test("findOwnCgroup() takes a cgroup only if it lets us make others below it", () => {
  const fine = files(SERVICE, () => {});
  assertEquals(findOwnCgroup(fine, () => undefined).kind, "ours");
  assertEquals(findOwnCgroup(fine, () => "there is no shell"), {
    kind: "none",
    reason: "no program can be started in a cgroup: there is no shell",
  });
  // The real launcher finds no such folder.
  assertEquals(findOwnCgroup(fine), {
    kind: "none",
    reason:
      "no program can be started in a cgroup: it cannot be put into its cgroup",
  });
  const own = findOwnCgroup(
    files("/user.slice/session-3.scope", refuse("Permission denied")),
  );
  assertEquals(own, { kind: "none", reason: "Permission denied" });
});

Deno.test("findOwnCgroup() does without the removal of what it tried", () => {
  const busy = {
    ...files(SERVICE, () => {}),
    removeFolder: refuse("Device or resource busy"),
  };
  assertEquals(findOwnCgroup(busy, () => undefined).kind, "ours");
});

Deno.test("findOwnCgroup() knows a service's cgroup from one that others share", () => {
  const cases: [own: string, mainPid: string | undefined, isAlone: boolean][] =
    [
      [SERVICE, `${Deno.pid}`, true],
      // A shell, or a wrapper, in the same service.
      [SERVICE, `${Deno.ppid}`, false],
      // Cron, or a terminal that is a service, whose shell has ended: our parent is the first process.
      ["/system.slice/cron.service", "1", false],
      [SERVICE, undefined, false],
      ["/user.slice/session-3.scope", `${Deno.pid}`, false],
      ["/docker/abc", `${Deno.pid}`, false],
    ];
  for (const [own, mainPid, isAlone] of cases) {
    const found = findOwnCgroup(
      files(own, () => {}),
      () => undefined,
      () => mainPid,
    );
    assertEquals(found.kind === "ours" && found.isAlone, isAlone);
  }
});

Deno.test("findOwnCgroup() names what a unit of systemd lacks", () => {
  for (const message of ["Permission denied", "Read-only file system"]) {
    const own = findOwnCgroup(files(SERVICE, refuse(message)));
    const reason = own.kind === "none" ? own.reason : "ours";
    assertStringIncludes(reason, message);
    assertStringIncludes(reason, "Delegate=yes");
    assertStringIncludes(reason, "into kolikko.service");
  }
});

Deno.test("findOwnCgroup() says which flag is missing where Deno closes the files", () => {
  const closed = {
    ...files(SERVICE, () => {}),
    read: () => {
      throw new Deno.errors.NotCapable("Requires all access");
    },
  };
  const own = findOwnCgroup(closed);
  assertStringIncludes(
    own.kind === "none" ? own.reason : "ours",
    "--allow-all",
  );
});
