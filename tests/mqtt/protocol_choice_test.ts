import { assertEquals } from "@std/assert";
import type { Outcome } from "../../lib/mqtt/connect_failure.ts";
import { ProtocolChoice } from "../../lib/mqtt/protocol_choice.ts";

const REFUSED: Outcome = { kind: "refused", code: 0x84 };
const CLOSED: Outcome = { kind: "closed" };

Deno.test("ProtocolChoice.failed() swaps at once when the broker refuses the version", () => {
  for (const code of [0x84, 1]) {
    const choice = new ProtocolChoice("auto");
    assertEquals(choice.failed({ kind: "refused", code }), "now");
    assertEquals(choice.next, "3.1.1");
  }
});

Deno.test("ProtocolChoice.failed() goes back to 5 when a new broker wants no 3.1.1", () => {
  const choice = new ProtocolChoice("auto");
  choice.failed(REFUSED);
  choice.succeeded();
  assertEquals(choice.failed({ kind: "refused", code: 0x84 }), "now");
  assertEquals(choice.next, "5");
});

Deno.test("ProtocolChoice.failed() alternates on closed sockets until one protocol works", () => {
  const choice = new ProtocolChoice("auto");
  const tried: string[] = [];
  for (let each = 0; each < 3; each++) {
    tried.push(choice.next);
    assertEquals(choice.failed(CLOSED), "later");
  }
  assertEquals(tried, ["5", "3.1.1", "5"]);
});

Deno.test("ProtocolChoice.failed() does not leave what worked for a socket or two that closed", () => {
  const choice = new ProtocolChoice("auto");
  choice.succeeded();
  choice.failed(CLOSED);
  choice.failed(CLOSED);
  assertEquals(choice.next, "5");
  choice.failed(CLOSED);
  assertEquals(choice.next, "3.1.1");
});

Deno.test("ProtocolChoice.failed() keeps to the version that is configured", () => {
  for (const protocol of ["5", "3.1.1"] as const) {
    const choice = new ProtocolChoice(protocol);
    assertEquals(choice.failed(REFUSED), "later");
    assertEquals(choice.failed(CLOSED), "later");
    assertEquals(choice.next, protocol);
  }
});

Deno.test("ProtocolChoice.failed() does not swap for a wrong password or a dead network", () => {
  const choice = new ProtocolChoice("auto");
  const others: Outcome[] = [
    { kind: "refused", code: 0x87 },
    { kind: "error", code: "ECONNREFUSED", text: "" },
    { kind: "timeout", afterMs: 10_000 },
  ];
  for (const outcome of others) assertEquals(choice.failed(outcome), "later");
  assertEquals(choice.next, "5");
});

Deno.test("ProtocolChoice.succeeded() tells news alone", () => {
  const choice = new ProtocolChoice("auto");
  assertEquals(choice.succeeded(), true);
  assertEquals(choice.succeeded(), false);
  choice.failed(REFUSED);
  assertEquals(choice.succeeded(), true);
});
