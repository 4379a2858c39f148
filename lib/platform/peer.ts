/** Who listens on an abstract Unix socket: the kernel's word, not the listener's. Linux alone. */

import { foreignRefusal } from "./foreign.ts";

/** A process as the kernel names it. */
export interface Peer {
  readonly pid: number;
  readonly uid: number;
}

const SYMBOLS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  getsockopt: {
    parameters: ["i32", "i32", "i32", "buffer", "buffer"],
    result: "i32",
  },
  close: { parameters: ["i32"], result: "i32" },
} as const;

const AF_UNIX = 1;
/** A stream that does not wait, as whoever listens may never answer; for no child. */
const SOCK_STREAM_NONBLOCK_CLOEXEC = 1 | 0o4000 | 0o2000000;
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;

/** Undefined if nobody listens there, or the permissions do not let us ask. Never throws. */
export function peerOf(name: string): Peer | undefined {
  if (foreignRefusal() !== undefined) return undefined;
  try {
    const library = Deno.dlopen("libc.so.6", SYMBOLS);
    try {
      return ask(library.symbols, name);
    } finally {
      library.close();
    }
  } catch {
    // Another C library: then nobody is named.
    return undefined;
  }
}

function ask(
  libc: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"],
  name: string,
): Peer | undefined {
  const fd = libc.socket(AF_UNIX, SOCK_STREAM_NONBLOCK_CLOEXEC, 0);
  if (fd < 0) return undefined;
  try {
    // The family, a zero byte that makes it abstract, the name.
    const address = new Uint8Array([
      ...new Uint8Array(new Uint16Array([AF_UNIX]).buffer),
      0,
      ...new TextEncoder().encode(name),
    ]);
    if (libc.connect(fd, address, address.length) !== 0) return undefined;
    const credentials = new Int32Array(3);
    const length = new Uint32Array([credentials.byteLength]);
    const failed = libc.getsockopt(
      fd,
      SOL_SOCKET,
      SO_PEERCRED,
      new Uint8Array(credentials.buffer),
      new Uint8Array(length.buffer),
    );
    const [pid = 0, uid = 0] = credentials;
    // 0: in a namespace that we cannot look into.
    return failed === 0 && pid > 0 ? { pid, uid: uid >>> 0 } : undefined;
  } finally {
    libc.close(fd);
  }
}
