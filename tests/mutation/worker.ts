/** Runs copies of tests, one set after the other, and says which test failed first. */

/** What a worker is told: the addresses of test files, to be run in this order. */
export interface Told {
  readonly tests: readonly string[];
}

/** What it answers: the first test that failed, or undefined. */
export interface Answer {
  readonly failed: string | undefined;
  /** How many tests were run. */
  readonly count: number;
}

interface WorkerScope {
  postMessage(answer: Answer): void;
}

interface Test {
  readonly name: string;
  readonly fn: () => void | Promise<void>;
}

let registered: Test[] = [];

/** Instead of `Deno.test`, in the one form that the tests of the core use. */
function register(name: unknown, fn: unknown): void {
  if (typeof name !== "string" || typeof fn !== "function") {
    throw new TypeError("A test of the core must be Deno.test(name, fn)");
  }
  registered.push({ name, fn: fn as Test["fn"] });
}

async function firstFailure(tests: readonly string[]): Promise<Answer> {
  let count = 0;
  for (const address of tests) {
    registered = [];
    await import(address);
    for (const { name, fn } of registered) {
      count += 1;
      try {
        await fn();
      } catch {
        return { failed: name, count };
      }
    }
  }
  return { failed: undefined, count };
}

if (typeof Deno === "object" && "postMessage" in globalThis) {
  Object.defineProperty(Deno, "test", { value: register });
  const scope = globalThis as unknown as WorkerScope;
  addEventListener("message", (event) => {
    const { tests } = (event as MessageEvent<Told>).data;
    void firstFailure(tests).then(
      (answer) => scope.postMessage(answer),
      // Code that does not even load is noticed by whoever imports it.
      (error) => scope.postMessage({ failed: String(error), count: 0 }),
    );
  });
}
