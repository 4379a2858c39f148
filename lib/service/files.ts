/** The few things that an atomic file asks of a disk; replaced in tests. */

import { demandOwnFile } from "./trust.ts";

/** Rejects with what the operating system says. */
export interface Files {
  /** The first `maxBytes` bytes; of a file of ours alone, and through no link. */
  read(path: string, maxBytes: number): Promise<Uint8Array>;
  /** Makes a file that was not there, and waits until the disk has it. */
  writeNew(path: string, bytes: Uint8Array): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** The names in a folder. */
  list(dir: string): Promise<string[]>;
  /** Waits until the disk has the names of a folder; not all systems can. */
  syncDir(dir: string): Promise<void>;
}

/** This machine's own disk. */
export const diskFiles: Files = {
  async read(path, maxBytes) {
    await demandOwnFile(path);
    using file = await Deno.open(path, { read: true });
    const bytes = new Uint8Array(maxBytes);
    let length = 0;
    while (length < maxBytes) {
      const count = await file.read(bytes.subarray(length));
      if (count === null || count === 0) break;
      length += count;
    }
    return bytes.subarray(0, length);
  },
  async writeNew(path, bytes) {
    using file = await Deno.open(path, {
      write: true,
      createNew: true,
      mode: 0o600,
    });
    let rest = bytes;
    while (rest.length > 0) rest = rest.subarray(await file.write(rest));
    await file.sync();
  },
  rename: (from, to) => Deno.rename(from, to),
  remove: (path) => Deno.remove(path),
  async list(dir) {
    const names: string[] = [];
    for await (const { name } of Deno.readDir(dir)) names.push(name);
    return names;
  },
  async syncDir(dir) {
    using folder = await Deno.open(dir, { read: true });
    await folder.sync();
  },
};
