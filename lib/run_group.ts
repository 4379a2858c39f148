/** Long-lived parts as one group: the first to end stops the rest. */

/** A long-lived part; it ends when its signal is aborted. */
export type Part = (signal: AbortSignal) => Promise<void>;

/**
 * Runs the parts until the first ends or the signal is aborted; stops the rest,
 * awaits all, and throws the first failure.
 */
export async function runGroup(
  parts: readonly Part[],
  signal: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  let failure: { readonly error: unknown } | undefined;
  await Promise.all(parts.map(async (part) => {
    try {
      await part(either);
    } catch (error) {
      failure ??= { error };
    } finally {
      stop.abort();
    }
  }));
  if (failure !== undefined) throw failure.error;
}
