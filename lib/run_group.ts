/** Long-lived parts as one group: the first to end stops the rest. */

/** A long-lived part; it ends when its signal is aborted. */
export type Part = (signal: AbortSignal) => Promise<void>;

/**
 * Runs the parts until the first ends; stops the rest, awaits all, and throws
 * the first failure. Each is told at once, as the end of the rest may take a while.
 */
export async function runGroup(
  parts: readonly Part[],
  onFailure: (error: unknown) => void,
): Promise<void> {
  const stop = new AbortController();
  let failure: { readonly error: unknown } | undefined;
  await Promise.all(parts.map(async (part) => {
    try {
      await part(stop.signal);
    } catch (error) {
      onFailure(error);
      failure ??= { error };
    } finally {
      stop.abort();
    }
  }));
  if (failure !== undefined) throw failure.error;
}
