import {
  assert,
  assertEquals,
  assertLess,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { systemClock } from "../../lib/clock.ts";
import { FAMILIES } from "../../lib/telemetry/families.ts";
import { ReadError } from "../../lib/telemetry/read_error.ts";
import { readFrom } from "../../lib/telemetry/read_from.ts";
import { READERS } from "../../lib/telemetry/readers.ts";
import { until } from "../stand_in/stand_in.ts";
import {
  type Answerer,
  httpAnswer,
  QUICK,
  say,
  SmallServer,
  untilClosed,
} from "./small_server.ts";

const SUMMARY = '{"hashrate":{"total":[5]}}';

/** What each family says of a server that does this to every question. */
async function messagesOf(
  answer: Answerer,
  timeLimitMs = 2_000,
): Promise<string[]> {
  await using server = new SmallServer(answer);
  const messages: string[] = [];
  for (const family of FAMILIES) {
    const error = await assertRejects(
      () => readFrom(READERS[family], server.where, { ...QUICK, timeLimitMs }),
      ReadError,
    );
    assertStringIncludes(error.message, `127.0.0.1:${server.where.port} as `);
    messages.push(error.message);
  }
  // Nothing of ours is left open.
  await until("all connections are closed", () => server.open === 0);
  return messages;
}

Deno.test("readFrom() refuses all that is no answer, for every family", async () => {
  const faults: Record<string, Answerer> = {
    empty: () => {},
    garbage: (_, to) => say(to, "\xff\xfe\0\x01hello"),
    "half an answer": (_, to) => say(to, SUMMARY.slice(0, 12)),
    "half an HTTP answer": (_, to) => say(to, httpAnswer(SUMMARY).slice(0, -9)),
    "half a header": (_, to) => say(to, "HTTP/1.1 200"),
    "wrong JSON": (_, to) => say(to, httpAnswer('{"hello":"world"}')),
    "wrong kinds": (_, to) => say(to, httpAnswer("[null,[[]],1]")),
    "a web page": (_, to) => say(to, httpAnswer("<html>login</html>")),
    401: (_, to) => say(to, httpAnswer("", "401 Unauthorized")),
    404: (_, to) => say(to, httpAnswer("", "404 Not Found")),
    500: (_, to) => say(to, httpAnswer("", "500 Oops")),
    204: (_, to) => say(to, "HTTP/1.1 204 No Content\r\n\r\n"),
    "another protocol": (_, to) => say(to, "SSH-2.0-OpenSSH_9.6\r\n"),
  };
  for (const answer of Object.values(faults)) {
    assertEquals((await messagesOf(answer)).length, FAMILIES.length);
  }
});

Deno.test("readFrom() waits for silence and for drops no longer than its limit", async () => {
  const silent = await messagesOf((_, to) => untilClosed(to), 50);
  assertEquals(
    silent.every((message) =>
      message.includes("no whole answer came within 50 ms")
    ),
    true,
  );
  await messagesOf(async (_, to) => {
    for (;;) {
      await say(to, " ");
      await systemClock.sleep(20);
    }
  }, 100);
});

Deno.test("readFrom() says where nothing listens", async () => {
  const server = new SmallServer(() => {});
  const { where } = server;
  await server[Symbol.asyncDispose]();
  await assertRejects(
    () => readFrom(READERS.xmrig, where, QUICK),
    ReadError,
    `Cannot read XMRig at 127.0.0.1:${where.port} as nothing listens there: ` +
      `start it with --http-port=PORT`,
  );
});

Deno.test("readFrom() reads from servers that never close", async () => {
  await using http = new SmallServer(async (_, to) => {
    await say(to, `HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n${SUMMARY}`);
    await untilClosed(to);
  });
  const reading = await readFrom(READERS.wildrig, http.where, QUICK);
  assertEquals(reading.hashrateHs, 5);
  await using records = new SmallServer(async (_, to) => {
    await say(to, "NAME=cpumi");
    await systemClock.sleep(20);
    await say(to, "ner;KHS=1.5|");
    await untilClosed(to);
  });
  const other = await readFrom(READERS.ccminer, records.where, QUICK);
  assertEquals(other.hashrateHs, 1500);
});

Deno.test("readFrom() cuts an answer of 100 MB off without growing", async () => {
  let sent = 0;
  const piece = new Uint8Array(64 * 1024).fill(0x20);
  await using server = new SmallServer(async (_, to) => {
    await say(to, "HTTP/1.1 200 OK\r\n\r\n[");
    for (; sent < 100_000_000; sent += piece.length) await say(to, piece);
  });
  const before = Deno.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, Deno.memoryUsage().rss);
  }, 1);
  try {
    await assertRejects(
      () => readFrom(READERS.trex, server.where, QUICK),
      ReadError,
      "its answer is larger than 1048576 bytes",
    );
  } finally {
    clearInterval(watch);
  }
  most = Math.max(most, Deno.memoryUsage().rss);
  assertLess(most - before, 50_000_000);
  await until("the connection is closed", () => server.open === 0);
  assertLess(sent, 50_000_000);
});

Deno.test("readFrom() ends at once when it is called off, also while it connects", async () => {
  await using server = new SmallServer((_, to) => untilClosed(to));
  // An address for documentation: nobody answers there.
  for (const host of [server.where.host, "192.0.2.1"]) {
    const over = new AbortController();
    const reading = assertRejects(
      () =>
        readFrom(READERS.gminer, { ...server.where, host }, {
          clock: systemClock,
          timeLimitMs: 60_000,
          signal: over.signal,
        }),
      ReadError,
    );
    await systemClock.sleep(20);
    over.abort();
    await reading;
    await assertRejects(
      () =>
        readFrom(READERS.gminer, server.where, {
          ...QUICK,
          signal: over.signal,
        }),
      ReadError,
      "it was not waited for",
    );
  }
  await until("all connections are closed", () => server.open === 0);
});

Deno.test("readFrom() says which token XMRig wants", async () => {
  const table: [string, string | undefined, string][] = [
    [
      "401 Unauthorized",
      undefined,
      "set token of [command.telemetry] to its --http-access-token",
    ],
    ["401 Unauthorized", "abc", "leave token of [command.telemetry] out"],
    ["403 Forbidden", "abc", "is not its --http-access-token: correct it"],
  ];
  for (const [status, token, advice] of table) {
    await using server = new SmallServer((_, to) =>
      say(to, httpAnswer("{}", status))
    );
    const where = token === undefined
      ? server.where
      : { ...server.where, token };
    const error = await assertRejects(
      () => readFrom(READERS.xmrig, where, QUICK),
      ReadError,
      `it answers ${status.slice(0, 3)} to GET /2/summary`,
    );
    assertStringIncludes(error.message, advice);
  }
});

Deno.test("readFrom() sends the token, and never tells it", async () => {
  const token = "s3cret-token";
  await using server = new SmallServer((asked, to) =>
    say(to, `echo ${asked.slice(-60)}`)
  );
  const error = await assertRejects(
    () => readFrom(READERS.xmrig, { ...server.where, token }, QUICK),
    ReadError,
  );
  assertStringIncludes(
    server.asked[0] ?? "",
    `\r\nAuthorization: Bearer ${token}\r\n`,
  );
  assertStringIncludes(error.message, "***");
  assert(!error.message.includes(token));
  assertEquals(error.cause, undefined);
});

Deno.test("readFrom() lets no token break the request", async () => {
  await using server = new SmallServer((_, to) => say(to, httpAnswer(SUMMARY)));
  const where = { ...server.where, token: "a\r\nX-Evil: 1" };
  await assertRejects(
    () => readFrom(READERS.xmrig, where, QUICK),
    ReadError,
    "its token cannot be sent",
  );
  assertEquals(server.asked, []);
});

Deno.test("xmrig reads the older page where the newer one is missing", async () => {
  await using server = new SmallServer((asked, to) =>
    say(
      to,
      asked.startsWith("GET /1/")
        ? httpAnswer(SUMMARY)
        : httpAnswer("", "404 Not Found"),
    )
  );
  const reading = await readFrom(READERS.xmrig, server.where, QUICK);
  assertEquals(reading.hashrateHs, 5);
});

Deno.test("cgminer asks for the summary alone where more is not understood", async () => {
  const denied =
    '{"STATUS":[{"STATUS":"E","Code":14,"Msg":"Invalid command"}],"id":1}\0';
  for (const first of [denied, "", "{"]) {
    await using server = new SmallServer((asked, to) =>
      say(to, asked.includes("+") ? first : '{"SUMMARY":[{"KHS av":2}]}\0')
    );
    const reading = await readFrom(READERS.cgminer, server.where, QUICK);
    assertEquals(reading.hashrateHs, 2000);
  }
  await using server = new SmallServer((_, to) => say(to, denied));
  await assertRejects(
    () => readFrom(READERS.cgminer, server.where, QUICK),
    ReadError,
    "it refuses (Invalid command): allow this machine",
  );
});

Deno.test("miniz reads an answer with HTTP headers before it", async () => {
  await using server = new SmallServer((_, to) =>
    say(to, 'HTTP/1.1 200 OK\r\n\r\n{"result":[{"speed_sps":20.5}]}')
  );
  const reading = await readFrom(READERS.miniz, server.where, QUICK);
  assertEquals(reading.hashrateHs, 20.5);
});

Deno.test("claymore sends the password in its question", async () => {
  await using server = new SmallServer((_, to) =>
    say(to, '{"id":0,"error":"access denied"}\n')
  );
  const where = { ...server.where, token: 'pa"ss' };
  await assertRejects(
    () => readFrom(READERS.claymore, where, QUICK),
    ReadError,
    "it refuses (access denied): set token",
  );
  assertEquals(JSON.parse(server.asked[0] ?? "").psw, 'pa"ss');
});
