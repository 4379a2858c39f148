/** What a rig can deliver: what it cannot is not announced. Pure. */

import type { CommandLimits } from "../../core/types.ts";

/** What decides which entities there are. */
export interface Features {
  /** Of each command, in order: is its miner read? */
  readonly commands: readonly {
    readonly name: string;
    readonly isRead: boolean;
  }[];
  readonly power: boolean;
  readonly temperature: boolean;
}

/** What is configured, and what was told so far. */
export function featuresOf(
  limits: readonly Pick<CommandLimits, "name" | "watts">[],
  { reads, tells }: {
    /** In the order of the commands. */
    readonly reads: readonly { readonly isRead: boolean }[];
    readonly tells: { readonly power: boolean; readonly temperature: boolean };
  },
): Features {
  const isConfigured = limits.some(({ watts }) => watts !== undefined);
  return {
    commands: limits.map(({ name }, index) => ({
      name,
      isRead: reads[index]?.isRead === true,
    })),
    power: isConfigured || tells.power,
    temperature: tells.temperature,
  };
}
