/** The configuration of the demonstration, as an owner would write it. Pure. */

/** One stand-in miner, and the heat that it stands for. */
export interface DemoCommand {
  readonly name: string;
  readonly watts: number;
}

/** The stages of the demonstration's heater. */
export const DEMO_COMMANDS: readonly DemoCommand[] = [
  { name: "cpu", watts: 150 },
  { name: "gpu", watts: 1_050 },
];

/** How this very program is started once more. */
export interface Self {
  readonly exec: string;
  readonly args: readonly string[];
}

/** A whole `kolikko.toml`. */
export function demoToml(options: {
  readonly url: string;
  readonly self: Self;
}): string {
  const { url, self } = options;
  const commands = DEMO_COMMANDS.map(({ name }) => {
    const args = [...self.args, "demo-miner", "--name", name];
    return `
[[command]]
name = ${quoted(name)}
exec = ${quoted(self.exec)}
args = [${args.map(quoted).join(", ")}]
restart_backoff = ["2s", "10s"]
`;
  });
  // An id of its own: processes are told apart by it, and a real rig may run beside.
  return `[rig]
id = "demo"

[mqtt]
url = ${quoted(url)}

[heat]
stagger = "1s"
${commands.join("")}
[log]
level = "warning"
`;
}

/** A text of TOML takes the escapes of JSON. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
