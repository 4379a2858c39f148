import { assert, assertEquals, assertThrows } from "@std/assert";
import { brokerUrl, isTls } from "../../lib/config/broker_url.ts";

Deno.test("brokerUrl() takes the four schemes", () => {
  const table = [
    "mqtt://192.0.2.5:1883",
    "mqtt://broker.lan",
    "mqtts://broker.lan:8883/",
    "ws://broker.lan:9001/mqtt",
    "wss://broker.lan/mqtt?token=1",
    "mqtt://[2001:db8::1]:1883",
    "MQTT://broker.lan",
  ];
  for (const url of table) assertEquals(brokerUrl(url), url);
});

Deno.test("brokerUrl() says what is wrong and shows no password", () => {
  const table: [unknown, string][] = [
    ["", "empty"],
    [5, "found a number"],
    ["192.0.2.5", `found "192.0.2.5" without a scheme`],
    ["192.0.2.5:1883", `found "192.0.2.5:1883" without a scheme`],
    ["localhost:1883", "without a scheme"],
    ["http://broker.lan", `did you mean "ws://"?`],
    ["tcp://broker.lan", `did you mean "mqtt://"?`],
    ["ssl://broker.lan", `did you mean "mqtts://"?`],
    ["mqt://broker.lan", `did you mean "mqtt://"?`],
    ["mqtt://", "no host"],
    ["mqtt://broker:99999", "not a URL"],
    ["mqtt://broker:0", "port 0"],
    ["mqtt://bro ker", "not a URL"],
    [" mqtt://broker", "not a URL"],
    ["mqtt://broker/heat", "behind the host"],
    ["mqtt://broker?clientId=x", "behind the host"],
    ["ws://broker/#a", `begins with "#"`],
    ["mqtt://me:hunter2@broker", "username and password"],
    ["mqtt://me:hunter2@bro ker:x", "username and password"],
    ["me:hunter2@broker", "username and password"],
    ["mqtt://me:hunter2", "found a text that is not a URL"],
    ["mqtt://me:hunter2%40broker", "found a text that is not a URL"],
    ["mqtt://me:hunter2:x", "found a text that is not a URL"],
  ];
  for (const [input, phrase] of table) {
    const error = assertThrows(() => brokerUrl(input), SyntaxError, phrase);
    assert(!error.message.includes("hunter2"), error.message);
  }
});

Deno.test("isTls() knows the encrypted schemes", () => {
  const table: [string, boolean][] = [
    ["mqtt://a", false],
    ["ws://a", false],
    ["mqtts://a", true],
    ["WSS://a", true],
  ];
  for (const [url, tls] of table) assertEquals(isTls(url), tls, url);
});
