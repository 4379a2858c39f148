/**
 * `deno task mutate [FILE...]`: breaks lib/core/ in one place after the other
 * and runs its tests; lists the changes that no test notices. Ends with 1 if
 * there are any that `equivalent.ts` does not explain.
 */

import { EQUIVALENT, type Equivalent } from "./equivalent.ts";
import { type Mutant, mutantsOf } from "./mutants.ts";
import type { Answer } from "./worker.ts";
import { parses, readSources, type Source, Workshop } from "./workshop.ts";

const WORKERS = 2;
/** Modules stay in a worker's memory, so it is replaced after so many mutants. */
const MUTANTS_A_WORKER = 60;
/** A change may make a loop endless: that is noticed, too. */
const TESTS_MS_MAX = 10_000;

interface Broken {
  readonly file: string;
  readonly mutant: Mutant;
}

/** A worker that can hang, and be replaced. */
class Runner implements Disposable {
  readonly #workshop: Workshop;
  #worker: Worker | undefined;
  #used = 0;

  constructor(sources: readonly Source[]) {
    this.#workshop = new Workshop(sources);
  }

  /** The first test that failed, "(endless)", or undefined. */
  async run(changed?: Source): Promise<Answer> {
    if (this.#used >= MUTANTS_A_WORKER) this.#replace();
    this.#used += 1;
    const worker = this.#worker ??= new Worker(
      new URL("./worker.ts", import.meta.url),
      { type: "module" },
    );
    const answer = Promise.withResolvers<Answer>();
    worker.onmessage = (event: MessageEvent<Answer>) =>
      answer.resolve(event.data);
    worker.onerror = (event) => {
      event.preventDefault();
      answer.resolve({ failed: event.message, count: 0 });
    };
    const timer = setTimeout(() => {
      this.#replace();
      answer.resolve({ failed: "(endless)", count: 0 });
    }, TESTS_MS_MAX);
    worker.postMessage({ tests: this.#workshop.write(changed) });
    const result = await answer.promise;
    clearTimeout(timer);
    return result;
  }

  #replace(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#used = 0;
    this.#workshop.clear();
  }

  [Symbol.dispose](): void {
    this.#worker?.terminate();
    this.#workshop[Symbol.dispose]();
  }
}

function isExplainedBy({ file, mutant }: Broken, known: Equivalent): boolean {
  return known.file === file && known.line === mutant.text &&
    known.changes.includes(mutant.change);
}

/** Those that no test noticed. */
async function survivors(
  sources: readonly Source[],
  broken: readonly Broken[],
): Promise<Broken[]> {
  const queue = [...broken];
  const found: Broken[] = [];
  const work = async (): Promise<void> => {
    using runner = new Runner(sources);
    for (let next = queue.shift(); next; next = queue.shift()) {
      const { file, mutant } = next;
      const path = `lib/core/${file}`;
      const { failed } = await runner.run({ path, code: mutant.code });
      if (failed === undefined) found.push(next);
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
  return broken.filter((one) => found.includes(one));
}

async function mutate(files: readonly string[]): Promise<number> {
  const sources = readSources();
  const broken = sources.filter(({ path }) => path.startsWith("lib/core/"))
    .map(({ path, code }) => ({ file: path.split("/").at(-1) ?? "", code }))
    .filter(({ file }) => files.length === 0 || files.includes(file))
    .flatMap(({ file, code }) =>
      mutantsOf(code).map((mutant) => ({ file, mutant }))
    );
  for (const one of broken.filter(({ mutant }) => !parses(mutant.code))) {
    throw new Error(`Made what is no program: ${inWords(one)}`);
  }
  using runner = new Runner(sources);
  const { failed, count } = await runner.run();
  if (failed !== undefined) throw new Error(`Fails unbroken: ${failed}`);
  say(`${broken.length} mutants against ${count} tests`);
  const startedAt = performance.now();
  const alive = await survivors(sources, broken);
  const unknown = alive.filter((one) =>
    !EQUIVALENT.some((known) => isExplainedBy(one, known))
  );
  for (const one of unknown) say(inWords(one));
  // What is explained and does not survive is a wrong or an old explanation.
  const stale = EQUIVALENT.filter(({ file }) =>
    files.length === 0 || files.includes(file)
  ).flatMap((known) =>
    known.changes.filter((change) =>
      !alive.some(({ file, mutant }) =>
        known.file === file && known.line === mutant.text &&
        change === mutant.change
      )
    ).map((change) => `${known.file}: ${known.line}: ${change}`)
  );
  for (const one of stale) say(`Explained, but noticed or not there: ${one}`);
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  say(
    `${broken.length - alive.length} noticed, ` +
      `${
        alive.length - unknown.length
      } equivalent, ${unknown.length} survive (${seconds} s)`,
  );
  return unknown.length + stale.length === 0 ? 0 : 1;
}

function inWords({ file, mutant }: Broken): string {
  return `lib/core/${file}:${mutant.line}: ${mutant.text}\n    ${mutant.change}`;
}

function say(line: string): void {
  // deno-lint-ignore no-console
  console.log(line);
}

if (import.meta.main) Deno.exit(await mutate(Deno.args));
