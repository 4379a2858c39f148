/** One variable of the environment; undefined if it is not set, or the permissions hide it. */
export function variable(name: string): string | undefined {
  // Asked for first: on a terminal Deno would ask its user, and wait.
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}
