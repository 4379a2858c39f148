/** Helpers of the configuration's tests. */

import { assertRejects } from "@std/assert";
import { type Config, ConfigError, parseConfig } from "../../lib/config.ts";

/** The least that a configuration needs. */
export const LEAST = `[mqtt]
url = "mqtt://192.0.2.5"
[[command]]
name = "xmrig"
exec = "xmrig"
`;

/** A parsed text, as if it stood in `/etc/kolikko/kolikko.toml`. */
export function good(
  text: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Config> {
  return parseConfig(text, { file: "/etc/kolikko/kolikko.toml", env });
}

/** What is wrong with a text. */
export function bad(
  text: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ConfigError> {
  return assertRejects(() => good(text, env), ConfigError);
}

/** A table of `LEAST` with more lines in it; the first of them is line 2. */
export function withLines(table: string, lines: string): string {
  const places: Readonly<Record<string, string>> = {
    mqtt: `[mqtt]\n${lines}\nurl = "mqtt://192.0.2.5"\n` +
      `[[command]]\nname = "xmrig"\nexec = "xmrig"\n`,
    command: `[[command]]\n${lines}\nname = "xmrig"\nexec = "xmrig"\n` +
      `[mqtt]\nurl = "mqtt://192.0.2.5"\n`,
  };
  return places[table] ?? `[${table}]\n${lines}\n${LEAST}`;
}
