/** Where nvidia-smi is. */

/** What of the machine the search depends on. */
export interface NvidiaPlace {
  readonly os: "windows" | "unix";
  /** Undefined if the environment cannot be read. */
  readonly path: string | undefined;
  readonly systemRoot: string | undefined;
  readonly isFile: (path: string) => Promise<boolean>;
}

const UNIX_FOLDERS = [
  "/usr/bin",
  "/usr/local/bin",
  "/bin",
  // NixOS, and Linux inside Windows.
  "/run/current-system/sw/bin",
  "/usr/lib/wsl/lib",
];

/** In PATH, then where the driver puts it; never in the working directory. */
export async function findNvidiaSmi(
  place: NvidiaPlace,
): Promise<string | undefined> {
  const isWindows = place.os === "windows";
  const inPath = (place.path ?? "").split(isWindows ? ";" : ":")
    .map((folder) => folder.replaceAll('"', ""))
    .filter((folder) =>
      isWindows ? /^[a-z]:\\/i.test(folder) : folder.startsWith("/")
    );
  const usual = isWindows
    ? [
      `${place.systemRoot ?? "C:\\Windows"}\\System32`,
      "C:\\Program Files\\NVIDIA Corporation\\NVSMI",
    ]
    : UNIX_FOLDERS;
  for (const folder of new Set([...inPath, ...usual])) {
    const bare = folder.replace(/[\\/]$/, "");
    const file = isWindows ? `${bare}\\nvidia-smi.exe` : `${bare}/nvidia-smi`;
    if (await place.isFile(file)) return file;
  }
  return undefined;
}

/** This machine. */
export function nvidiaPlace(): NvidiaPlace {
  return {
    os: Deno.build.os === "windows" ? "windows" : "unix",
    path: variable("PATH"),
    systemRoot: variable("SystemRoot"),
    async isFile(path) {
      try {
        return (await Deno.stat(path)).isFile;
      } catch {
        // Not there, or not for us: either way it cannot be used from here.
        return false;
      }
    },
  };
}

function variable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}
