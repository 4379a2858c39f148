/** Signals to a process, or with a negative number to a group. */

/**
 * Sends a signal. `gone`: nobody is there; `denied`: it is another user's, so
 * the signal cannot be sent; `refused`: Deno's permissions do not allow any.
 */
export function sendSignal(
  pid: number,
  name: Deno.Signal,
): "sent" | "gone" | "denied" | "refused" {
  try {
    Deno.kill(pid, name);
    return "sent";
  } catch (error) {
    if (isGone(error)) return "gone";
    if (error instanceof Deno.errors.PermissionDenied) return "denied";
    if (error instanceof Deno.errors.NotCapable) return "refused";
    throw error;
  }
}

/** Is there anybody in this group, zombies included? Undefined if that cannot be told. */
export async function groupExists(pgid: number): Promise<boolean | undefined> {
  // Deno.kill() of older versions does not know the signal 0.
  const { default: process } = await import("node:process");
  try {
    process.kill(-pgid, 0);
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code === "ESRCH" || isGone(error)) return false;
    if (code === "EPERM" || error instanceof Deno.errors.PermissionDenied) {
      return true;
    }
    return undefined;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    (error instanceof Error && error.message.includes("ESRCH"));
}
