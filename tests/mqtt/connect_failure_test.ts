import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  failureWords,
  type Outcome,
  portOf,
  shownUrl,
} from "../../lib/mqtt/connect_failure.ts";
import { settingsFor } from "../mqtt_tools.ts";

function error(code: string, text = ""): Outcome {
  return { kind: "error", code, text };
}

Deno.test("failureWords() says what happened and what to do, in plain words", () => {
  const settings = settingsFor("mqtts://broker.lan", {
    username: "rig",
    password: "hunter2",
  });
  const cases: [Outcome, string][] = [
    [error("ENOTFOUND"), 'the name "broker.lan" is not known: check url'],
    [error("EAI_AGAIN"), "the name server does not answer"],
    [error("ECONNREFUSED"), "nothing listens on port 8883 there: check that"],
    [
      error("EHOSTUNREACH"),
      "there is no way to that machine: check the network",
    ],
    [error("ETIMEDOUT"), "that machine does not answer: check that it runs"],
    [error("", "Requires net access, --allow-net"), "may not use the network"],
    [error("CERT_HAS_EXPIRED"), "expired or not valid yet: renew it, or"],
    [error("UNABLE_TO_VERIFY_LEAF_SIGNATURE"), "is not trusted: set ca_file"],
    [error("", "invalid peer certificate: UnknownIssuer"), "set ca_file"],
    [error("ERR_TLS_CERT_ALTNAME_INVALID"), 'is not for "broker.lan": put'],
    [error("ERR_SSL_WRONG_VERSION_NUMBER"), "does not speak TLS on port 8883"],
    [error("", "Unexpected server response: 404"), "no MQTT over websockets"],
    [error("EWHATEVER", "odd"), "an error came up (EWHATEVER odd): check url"],
    [{ kind: "timeout", afterMs: 10_000 }, "no answer within 10 s: check"],
    [{ kind: "closed" }, "closed the connection without an answer: check"],
    [{ kind: "refused", code: 5 }, 'refuses user "rig": check username'],
    [{ kind: "refused", code: 4 }, 'refuses user "rig": check username'],
    [{ kind: "refused", code: 0x87 }, 'refuses user "rig": check username'],
    [{ kind: "refused", code: 2 }, 'rejects the client id "rig": change id'],
    [{ kind: "refused", code: 3 }, "it is not available now: wait"],
    [{ kind: "refused", code: 0x84 }, 'MQTT 5: set protocol to "auto"'],
    [{ kind: "refused", code: 0x8a }, "it has banned this client (0x8A)"],
  ];
  for (const [outcome, words] of cases) {
    const said = failureWords(outcome, settings, "5");
    assertStringIncludes(said, words);
    assertEquals(said.includes("hunter2"), false);
  }
});

Deno.test("failureWords() asks for a user name where none is set", () => {
  const settings = settingsFor("mqtt://broker.lan");
  assertStringIncludes(
    failureWords({ kind: "refused", code: 5 }, settings, "3.1.1"),
    "wants a user name and a password: set username and password",
  );
});

Deno.test("shownUrl() leaves out user, password and query", () => {
  assertEquals(
    shownUrl("wss://owner:p@ssword@broker.lan:443/mqtt?token=1"),
    "wss://broker.lan:443/mqtt",
  );
  assertEquals(shownUrl("mqtt://[::1]:1883"), "mqtt://[::1]:1883");
  assertEquals(shownUrl("mqtt://broker.lan/a@b"), "mqtt://broker.lan/a@b");
});

Deno.test("portOf() knows the usual port of each kind of address", () => {
  const urls = ["mqtt://a", "mqtts://a", "ws://a/x", "wss://a", "mqtt://a:1"];
  assertEquals(urls.map(portOf), ["1883", "8883", "80", "443", "1"]);
});
