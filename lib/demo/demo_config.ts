/** The configuration of the demonstration, as an owner would write it. Pure. */

/** One stand-in miner, and the heat that it stands for. */
export interface DemoCommand {
  readonly name: string;
  readonly watts: number;
  /** The API that it speaks, as `api` of `[command.telemetry]` calls it. */
  readonly api: string;
}

/** The stages of the demonstration's heater. */
export const DEMO_COMMANDS: readonly DemoCommand[] = [
  { name: "cpu", watts: 150, api: "xmrig" },
  { name: "gpu", watts: 1_050, api: "gminer" },
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
  /** Where each command's API is to listen, in order. */
  readonly ports: readonly number[];
}): string {
  const { url, self, ports } = options;
  const commands = DEMO_COMMANDS.map(({ name, watts, api }, index) => {
    const port = `${ports[index]}`;
    const args = [...self.args, "demo-miner", "--name", name];
    args.push("--api", api, "--api-port", port);
    return `
[[command]]
name = ${quoted(name)}
exec = ${quoted(self.exec)}
args = [${args.map(quoted).join(", ")}]
watts = ${watts}
restart_backoff = ["2s", "10s"]
telemetry = { api = ${quoted(api)}, port = ${port}, interval = "2s" }
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
