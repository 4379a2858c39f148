/** A tree below a folder of its own that looks like /sys. */

import { dirname, join } from "node:path";
import {
  type Read,
  type SensorFiles,
  systemFiles,
} from "../../../lib/telemetry/sensors/sensor_files.ts";

export class FakeSys implements Disposable {
  readonly root = Deno.makeTempDirSync({ prefix: "sensors_" });

  /** Writes a file, and the folders that it stands in. */
  write(path: string, text: string | number): void {
    const file = join(this.root, path);
    Deno.mkdirSync(dirname(file), { recursive: true });
    Deno.writeTextFileSync(file, `${text}\n`);
  }

  /** A chip with these files. */
  chip(
    folder: string,
    files: Readonly<Record<string, string | number>>,
    device?: string,
  ): void {
    const path = `class/hwmon/${folder}`;
    for (const [name, text] of Object.entries(files)) {
      this.write(`${path}/${name}`, text);
    }
    if (device === undefined) return;
    Deno.symlinkSync(`../../../${device}`, join(this.root, path, "device"));
  }

  remove(path: string): void {
    Deno.removeSync(join(this.root, path), { recursive: true });
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.root, { recursive: true });
  }
}

/** The real files, but reading what `wrong` names goes wrong like this. */
export function filesWith(
  wrong: (path: string) => Read["kind"] | undefined,
): SensorFiles {
  return {
    ...systemFiles,
    async list(path) {
      return wrong(path) === "closed" ? "closed" : await systemFiles.list(path);
    },
    async read(path) {
      const kind = wrong(path);
      if (kind === undefined || kind === "text") {
        return await systemFiles.read(path);
      }
      return { kind };
    },
  };
}
