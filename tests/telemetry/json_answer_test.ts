import { assertEquals, assertThrows } from "@std/assert";
import { JsonAnswer } from "../../lib/telemetry/json_answer.ts";
import { ReadError } from "../../lib/telemetry/read_error.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const JSON_TEXT = '{"a":"}]\\"{","b":[1,{}]}';

/** Pushes in pieces of this size; tells after how many bytes it was whole. */
function pushed(text: string, size: number): [JsonAnswer, number | undefined] {
  const answer = new JsonAnswer();
  const all = bytes(text);
  for (let at = 0; at < all.length; at += size) {
    if (answer.push(all.subarray(at, at + size))) {
      return [answer, Math.min(at + size, all.length)];
    }
  }
  return [answer, undefined];
}

const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
  `5;x=1\r\n${JSON_TEXT.slice(0, 5)}\r\n` +
  `${(JSON_TEXT.length - 5).toString(16)}\r\n${
    JSON_TEXT.slice(5)
  }\r\n0\r\n\r\n`;

Deno.test("JsonAnswer is whole with its JSON, however it is wrapped and cut", () => {
  const length = JSON_TEXT.length;
  const table: Record<string, string> = {
    plain: JSON_TEXT,
    "line end first": `\r\n ${JSON_TEXT}`,
    "byte order mark": `\ufeff${JSON_TEXT}`,
    "exact length":
      `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n${JSON_TEXT}`,
    "no length": `HTTP/1.1 200 OK\r\n\r\n${JSON_TEXT}`,
    "HTTP/1.0, bare line ends": `HTTP/1.0 200 OK\nServer: x\n\n${JSON_TEXT}`,
    "length too large, kept open":
      `HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n${JSON_TEXT}`,
    "length too small":
      `HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n${JSON_TEXT}`,
    "length that is none":
      `HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n${JSON_TEXT}`,
    chunked,
  };
  for (const [name, text] of Object.entries(table)) {
    for (const size of [1, 2, 3, 7, 1000]) {
      const [answer, wholeAt] = pushed(text, size);
      const label = `${name}, ${size}`;
      assertEquals(wholeAt !== undefined, true, label);
      const body = answer.finish().text;
      assertEquals(body.trim().slice(0, length), JSON_TEXT, label);
    }
  }
});

Deno.test("JsonAnswer needs no more than the status of a refusal", () => {
  const [answer, wholeAt] = pushed("HTTP/1.1 401 Unauthorized\r\n\r\n", 1);
  assertEquals(wholeAt, 29);
  assertEquals(answer.finish().status, 401);
});

Deno.test("JsonAnswer does not wait behind a web page of known length", () => {
  const page = "<html></html>";
  const head = `HTTP/1.1 200 OK\r\nContent-Length: ${page.length}\r\n\r\n`;
  assertEquals(pushed(head + page, 1)[1], head.length + page.length);
  const chunkedPage =
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nd\r\n${page}\r\n0\r\n\r\n`;
  assertEquals(pushed(chunkedPage, 1)[1] !== undefined, true);
});

Deno.test("JsonAnswer is not whole while anything of the JSON is missing", () => {
  assertEquals(pushed(JSON_TEXT.slice(0, -1), 1)[1], undefined);
  assertEquals(
    pushed(chunked.slice(0, chunked.lastIndexOf("}")), 1)[1],
    undefined,
  );
  assertEquals(pushed("HTTP/1.1 200 OK\r\n", 1)[1], undefined);
});

Deno.test("JsonAnswer hands out what came when the other side closes early", () => {
  const [answer] = pushed("HTT", 1);
  assertEquals(answer.finish(), { status: undefined, text: "HTT" });
});

Deno.test("JsonAnswer refuses damage: status, chunk length, endless header", () => {
  const table: [string, string][] = [
    ["HTTP/1.1 hello\r\n\r\n", "damaged HTTP answer"],
    [
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
      "damaged chunk length",
    ],
    [
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${"1".repeat(300)}`,
      "damaged chunk",
    ],
    [`HTTP/1.1 200 OK\r\n${"X-A: b\r\n".repeat(2000)}`, "HTTP header of over"],
  ];
  for (const [text, message] of table) {
    assertThrows(() => pushed(text, 1000), ReadError, message);
  }
});
