/** The few calls on files that cgroups are made of; tests put other kernels in their place. */

/** Files of the kernel: each call is short, and none waits for a disk. */
export interface CgroupFiles {
  read(path: string): string;
  /** Never creates a file. */
  write(path: string, text: string): void;
  makeFolder(path: string): void;
  removeFolder(path: string): void;
  /** The names of the folders in a folder. */
  folders(path: string): string[];
}

/** The kernel's own. */
export const kernelFiles: CgroupFiles = {
  read: (path) => Deno.readTextFileSync(path),
  write: (path, text) => Deno.writeTextFileSync(path, text, { create: false }),
  makeFolder: (path) => Deno.mkdirSync(path),
  removeFolder: (path) => Deno.removeSync(path),
  folders: (path) =>
    [...Deno.readDirSync(path)].filter((entry) => entry.isDirectory)
      .map((entry) => entry.name),
};
