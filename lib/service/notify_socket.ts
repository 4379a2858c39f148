/** The socket on which systemd listens to its services. */

import type { Variable } from "./state_dir.ts";

/** Sends one message after the other. */
export interface NotifySocket {
  /** Rejects if it could not be sent. */
  send(text: string): Promise<void>;
  close(): void;
}

/** What systemd told us by the environment. */
export interface Notification {
  /** Its socket; one that begins with `@` has no file. */
  readonly path: string;
  readonly watchdogMs: number | undefined;
}

/** The variables by which systemd addresses one process, and none of its children. */
export const SYSTEMD_VARIABLES: readonly string[] = [
  "NOTIFY_SOCKET",
  "WATCHDOG_USEC",
  "WATCHDOG_PID",
];

interface Datagrams {
  send(bytes: Uint8Array, to: Address): Promise<number>;
  close(): void;
}

interface Address {
  readonly transport: "unixpacket";
  readonly path: string;
}

/** Is there a systemd that wants to hear of us? */
export function notificationOf(
  variable: Variable,
  pid: number,
): Notification | undefined {
  const path = variable("NOTIFY_SOCKET") ?? "";
  if (path === "") return undefined;
  const usec = Number(variable("WATCHDOG_USEC") ?? "");
  const whose = variable("WATCHDOG_PID") ?? "";
  const isOurs = whose === "" || whose === String(pid);
  const isWatched = isOurs && Number.isSafeInteger(usec) && usec > 0;
  return { path, watchdogMs: isWatched ? usec / 1_000 : undefined };
}

/**
 * Opens our end. Without all permissions it needs a name for a moment, in `dir`.
 * @throws if the permissions, the runtime or the address do not allow it.
 */
export function openNotifySocket(path: string, dir?: string): NotifySocket {
  if (!/^[@/]/.test(path)) {
    throw new TypeError(
      `Cannot use NOTIFY_SOCKET "${path}" as it must begin with / or @`,
    );
  }
  const to: Address = {
    transport: "unixpacket",
    path: path.startsWith("@") ? `\0${path.slice(1)}` : path,
  };
  const datagrams = bind(dir);
  return {
    async send(text) {
      await datagrams.send(new TextEncoder().encode(text), to);
    },
    close: () => datagrams.close(),
  };
}

function bind(dir: string | undefined): Datagrams {
  const { listenDatagram } = Deno as {
    listenDatagram?: (own: Address) => Datagrams;
  };
  if (listenDatagram === undefined) {
    throw new TypeError("the runtime lacks it: run with --unstable-net");
  }
  try {
    return listenDatagram({ transport: "unixpacket", path: "" });
  } catch (error) {
    // With fewer permissions it is a plain Error: "Empty path is not allowed".
    if (dir === undefined) throw error;
  }
  const own = `${dir}/notify-${crypto.randomUUID().slice(0, 8)}.sock`;
  const datagrams = listenDatagram({ transport: "unixpacket", path: own });
  // Nobody answers us, so nobody needs the name.
  Deno.removeSync(own);
  return datagrams;
}
