/** What to run for one command; see `kolikko.toml`, `[[command]]`. */

export interface CommandSpec {
  readonly name: string;
  /** A path, or a name that is looked up in `cwd`, then in PATH; never through a shell. */
  readonly exec: string;
  readonly args: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** Added to the controller's own environment. */
  readonly env: Readonly<Record<string, string>>;
}
