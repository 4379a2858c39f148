/** The stand-in on a real socket: framings, faults, and what changes while it runs. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { systemClock } from "../../../lib/clock.ts";
import type { FamilyName } from "../../../lib/demo/miner_api/families.ts";
import type { Fault } from "../../../lib/demo/miner_api/faults.ts";
import { StandIn } from "../../../lib/demo/miner_api/stand_in.ts";
import { until } from "../../stand_in/stand_in.ts";

const HTTP = "GET /summary HTTP/1.1\r\nHost: x\r\n\r\n";
const LINE = `{"id":0,"method":"miner_getstat1"}\n`;
const ONCE = `{"command":"summary"}`;
/** How long something is waited for that must not come. */
const SILENCE_MS = 300;

/** A running stand-in and what it printed. */
class Running implements AsyncDisposable {
  printed = "";
  readonly #end = new AbortController();
  readonly #run: Promise<void>;

  constructor(args: readonly string[]) {
    const standIn = new StandIn({
      args: ["--wobble", "0", ...args],
      clock: systemClock,
      print: (text) => void (this.printed += text),
      quit: () => {},
    });
    this.#run = standIn.run(this.#end.signal);
  }

  static async api(
    family: FamilyName,
    args: readonly string[] = [],
  ): Promise<Running> {
    const running = new Running(["--api", family, ...args]);
    await until("it listens", () => /API on .*\n/.test(running.printed));
    return running;
  }

  get port(): number {
    return Number(/API on 127\.0\.0\.1:(\d+)/.exec(this.printed)?.[1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#run;
  }
}

/** What comes back until the other side ends it, or until enough came, or nothing more comes. */
async function talk(
  port: number,
  request: string,
  bytesMax = 100_000,
): Promise<{ text: string; ended: boolean }> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const timer = setTimeout(() => conn.close(), SILENCE_MS);
  const decoder = new TextDecoder();
  let text = "";
  try {
    await conn.write(new TextEncoder().encode(request));
    const buffer = new Uint8Array(65_536);
    while (text.length < bytesMax) {
      const count = await conn.read(buffer);
      if (count === null) return { text, ended: true };
      text += decoder.decode(buffer.subarray(0, count), { stream: true });
    }
    return { text, ended: false };
  } catch (error) {
    const { Interrupted, BadResource } = Deno.errors;
    if (error instanceof Interrupted || error instanceof BadResource) {
      return { text, ended: false };
    }
    throw error;
  } finally {
    clearTimeout(timer);
    try {
      conn.close();
    } catch {
      // The timer was faster.
    }
  }
}

Deno.test("StandIn keeps HTTP and lines open, and closes after one answer where miners do", async () => {
  await using trex = await Running.api("trex");
  const two = await talk(trex.port, HTTP + HTTP);
  assertEquals(two.text.match(/HTTP\/1\.1 200 OK/g)?.length, 2);
  assertEquals(two.ended, false);
  assertMatch(two.text, /\r\nConnection: keep-alive\r\n/);
  await using xmrig = await Running.api("xmrig");
  assertEquals(
    (await talk(xmrig.port, HTTP.replace("/s", "/2/s"))).ended,
    true,
  );
  await using phoenix = await Running.api("phoenix");
  const lines = await talk(phoenix.port, LINE + LINE);
  assertEquals([lines.text.split("\n").length, lines.ended], [3, false]);
  // Its request may come in pieces, its end is a line feed.
  assertEquals((await talk(phoenix.port, LINE.trim())).text, "");
  await using cgminer = await Running.api("cgminer");
  const once = await talk(cgminer.port, ONCE);
  assertEquals([once.text.endsWith("}\0"), once.ended], [true, true]);
});

Deno.test("StandIn listens on this machine alone", async () => {
  await using running = await Running.api("trex");
  const { port } = running;
  const listener = Deno.listen({ hostname: "127.0.0.2", port });
  listener.close();
});

const FAMILY_REQUESTS: readonly (readonly [FamilyName, string])[] = [
  ["trex", HTTP],
  ["phoenix", LINE],
  ["cgminer", ONCE],
];

for (const [family, request] of FAMILY_REQUESTS) {
  const withFault = async (fault: Fault, bytesMax?: number) => {
    await using running = await Running.api(family, ["--fault", fault]);
    return await talk(running.port, request, bytesMax);
  };

  Deno.test(`StandIn misbehaves as told: ${family}`, async () => {
    const { text: good } = await withFault("none");
    assert(good.length > 100);
    const half = await withFault("half");
    assertEquals(half.ended, true);
    assert(half.text.length < good.length * 0.6, half.text);
    assertEquals(await withFault("hang"), { text: "", ended: false });
    const slow = await withFault("slow");
    assert(slow.text.length > 0 && slow.text.length < 20, slow.text);
    assertEquals(slow.ended, false);
    const huge = await withFault("huge", 3_000_000);
    assert(huge.text.length >= 3_000_000);
    const { text: page } = await withFault("html");
    assertMatch(page, /<html>/);
    const { text: denied } = await withFault("401");
    assertMatch(denied, /^HTTP\/1.1 401|"code":-401|"Code":45/);
    const body = (text: string) =>
      text.replace(/^[\s\S]*\r\n\r\n/, "").replace(/\0/, "");
    const { text: wrong } = await withFault("wrong-json");
    JSON.parse(body(wrong));
    assert(!/":\s*[\d[]/.test(body(wrong)), wrong);
    const { text: broken } = await withFault("not-json");
    await assertRejects(
      () => Promise.resolve().then(() => JSON.parse(body(broken))),
      SyntaxError,
    );
    await assertRejects(() => withFault("reset"), Deno.errors.ConnectionReset);
  });
}

Deno.test("StandIn refuses after a while, and comes back on the same port when the control file says so", async () => {
  const control = await Deno.makeTempFile({ prefix: "stand_in_" });
  await using running = await Running.api("gminer", [
    "--hashrate",
    "1000",
    "--fault",
    "refuse",
    "--fault-after",
    "400ms",
    "--control",
    control,
  ]);
  const { port } = running;
  const stat = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/stat`);
    return await response.json();
  };
  assertEquals((await stat()).devices[0].speed, 500);
  await until("it refuses", async () => {
    const isOpen = await talk(port, "").then(() => true, () => false);
    return !isOpen;
  });
  await Deno.writeTextFile(control, "--fault none --hashrate 200\n--temp 95");
  await until("it is back", async () => {
    const answer = await stat().catch(() => undefined);
    return answer?.devices[0].speed === 100;
  });
  assertEquals((await stat()).devices[0].temperature, 95);
  await Deno.remove(control);
});

Deno.test("StandIn prints on if another program has its port", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  await using running = new Running([
    "--api",
    "trex",
    "--api-port",
    String(port),
    "--like",
    "trex",
    "--share-every",
    "50ms",
    "--no-color",
  ]);
  await until(
    "it prints",
    () => /failed to start[\s\S]*\[ OK \] 2\/2/.test(running.printed),
  );
});

Deno.test("StandIn says what is wrong with a flag", async () => {
  for (
    const [args, message] of [
      [["--api", "foo"], `Cannot use --api "foo", wanted xmrig, `],
      [["--like", "foo"], `Cannot use --like "foo", wanted xmrig, `],
      [["--fault", "foo"], `Cannot use --fault "foo", wanted none, `],
      [["--hashrate", "x"], `Cannot use --hashrate "x", wanted a number`],
      [["--share-every", "2d"], `Cannot use --share-every "2d", wanted a time`],
    ] as const
  ) {
    await assertRejects(
      // deno-lint-ignore require-await
      async () => void new Running(args),
      SyntaxError,
      message,
    );
  }
});
