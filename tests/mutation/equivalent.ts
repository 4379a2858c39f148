/** Changes of lib/core/ that no test can notice, each with its reason. */

export interface Equivalent {
  /** In lib/core/. */
  readonly file: string;
  /** The line as it stands without types, without the white space around it. */
  readonly line: string;
  readonly changes: readonly string[];
  readonly reason: string;
}

export const EQUIVALENT: readonly Equivalent[] = [];
