/** Foreign functions: may they be called at all? */

/**
 * Why the permissions allow no foreign functions; undefined if they do. Ask
 * before a library is opened: without the permission Deno would prompt and wait.
 */
export function foreignRefusal(): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "ffi" });
  return state === "granted"
    ? undefined
    : "foreign functions are not allowed; start it with --allow-ffi, or use the compiled program";
}
