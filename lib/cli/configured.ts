/** The owner's configuration for a subcommand, or why there is none. */

import { type Config, ConfigError, findConfig, loadConfig } from "../config.ts";
import { isHostHeard, type TopicOwner } from "../mqtt/topic_list.ts";
import { variable } from "./variable.ts";

/** Loads it, or tells what is wrong with it and returns nothing. */
export async function configured(
  given: string | undefined,
  stderr: (text: string) => void,
): Promise<Config | undefined> {
  try {
    const file = await findConfig({
      given,
      execDir: standalone() ? dirOf(Deno.execPath()) : undefined,
      cwd: Deno.cwd(),
    });
    return await loadConfig(file, environment());
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    stderr(`Cannot use ${error.file}:`);
    stderr(error.message);
    return undefined;
  }
}

/** What the list of its topics depends on. */
export function topicOwner(config: Config): TopicOwner {
  return {
    topics: config.topics,
    prefix: config.discovery.prefix,
    rig: config.rig,
    names: config.commands.map(({ name }) => name),
    isHostHeard: isHostHeard(config),
  };
}

/** Is this a compiled program? Older runtimes do not say so in their types. */
function standalone(): boolean {
  return (Deno.build as { standalone?: boolean }).standalone === true;
}

function dirOf(path: string): string {
  return path.replace(/[\\/][^\\/]*$/, "");
}

/** The environment, as far as the configuration looks at it. */
function environment(): Record<string, string> {
  const name = "KOLIKKO_MQTT_PASSWORD";
  const password = variable(name);
  return password === undefined ? {} : { [name]: password };
}
