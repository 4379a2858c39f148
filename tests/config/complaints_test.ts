import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { keyOf } from "../../lib/config/complaints.ts";
import { bad, good, LEAST, withLines } from "./bad.ts";

Deno.test("parseConfig() complains of everything at once, in the file's order", async () => {
  const { problems } = await bad(`url = "mqtt://h"
[mqqt]
a = 1
[mqtt]
pasword = "x"
url = "http://h"
keepalive = "1s"
[heat]
min_on = "2h"
max_on = "1h"
stagger = 3
[topics]
status = "/kolikko1/heat"
accepted = "x/"
[[command]]
name = "a"
exec = "a -b"
args = [
  "x",
  5,
  true,
]
[command.watchdog]
low_four = "1m"
restarts_a_day = 0
[[command]]
name = "a"
[command.env]
A = 1
B = "x"
C = 2
[safety]
resume_below_c = 95
[homeassistant]
discovery = "of"
[web]
`);
  assertEquals(problems.map(({ line, key }) => `${line} ${key}`), [
    "1 url",
    "2 mqqt",
    "5 mqtt.pasword",
    "6 mqtt.url",
    "7 mqtt.keepalive",
    "9 heat.min_on",
    "11 heat.stagger",
    "13 topics.status",
    "14 topics.accepted",
    "17 command[0].exec",
    "20 command[0].args[1]",
    "21 command[0].args[2]",
    "24 command[0].watchdog.low_four",
    "25 command[0].watchdog.restarts_a_day",
    "26 command[1].exec",
    "27 command[1].name",
    "29 command[1].env.A",
    "31 command[1].env.C",
    "33 safety.resume_below_c",
    "35 homeassistant.discovery",
    "36 web",
  ]);
});

Deno.test("parseConfig() says what is missing", async () => {
  const table: [string, [number | undefined, string][]][] = [
    ["", [[undefined, "mqtt.url"], [undefined, "command"]]],
    ["\n[mqtt]", [[2, "mqtt.url"], [undefined, "command"]]],
    ["\n\nmqtt = {}\ncommand = []", [[3, "mqtt.url"], [4, "command"]]],
    [
      `mqtt.url = "mqtt://h"\n[[command]]`,
      [[2, "command[0].name"], [2, "command[0].exec"]],
    ],
  ];
  for (const [text, expected] of table) {
    const { problems } = await bad(text);
    assertEquals(problems.map(({ line, key }) => [line, key]), expected);
  }
});

Deno.test("parseConfig() refuses wrong kinds of tables", async () => {
  const command = `[[command]]\nname = "a"\nexec = "a"`;
  const url = `mqtt = { url = "mqtt://h" }`;
  const table: [string, string, string][] = [
    [`heat = 5\n${url}\n${command}`, "heat", "found 5, wanted a table"],
    [`rig = []\n${url}\n${command}`, "rig", "found an array"],
    [`log = 07:00:00\n${url}\n${command}`, "log", "a date or time"],
    [`command = 5\n${url}`, "command", "two brackets"],
    [`command = [5]\n${url}`, "command[0]", "found 5, wanted a table"],
    [`[command]\nname = "a"\n[mqtt]\nurl = "mqtt://h"`, "command", "two"],
    [`[commands]\na = 1\n${LEAST}`, "commands", "did you mean [[command]]?"],
    [`__proto__ = 1\n${LEAST}`, "__proto__", "no such key"],
    [`[log]\nconstructor = 1\n${LEAST}`, "log.constructor", "no such key"],
    [`"a b" = 1\n${LEAST}`, `"a b"`, "no such key"],
  ];
  for (const [text, key, phrase] of table) {
    const { problems } = await bad(text);
    assertEquals(problems.map(({ key }) => key), [key], text);
    assertStringIncludes(problems[0]?.message ?? "", phrase);
    assertEquals(typeof problems[0]?.line, "number");
  }
});

Deno.test("parseConfig() names both lines of a duplicate name", async () => {
  const again = `[[command]]\nexec = "b"\nname = "xmrig"\n`;
  const { problems } = await bad(LEAST + again);
  assertEquals(problems.map(({ line, key }) => [line, key]), [
    [8, "command[1].name"],
  ]);
  assertStringIncludes(problems[0]?.message ?? "", "(see line 4)");
});

Deno.test("parseConfig() refuses names that differ in case alone", async () => {
  const { problems } = await bad(
    `[mqtt]\nurl = "mqtt://h"\n[[command]]\nname = "Cpu"\nexec = "a"\n` +
      `[[command]]\nname = "cpu"\nexec = "b"\n`,
  );
  assertEquals(problems.map(({ line, key }) => [line, key]), [
    [7, "command[1].name"],
  ]);
});

Deno.test("parseConfig() refuses halves and contradictions of [mqtt]", async () => {
  const table: [string, string, string][] = [
    [
      `username = "u"\npassword = "a"\npassword_file = "b"`,
      "password_file",
      "one of the two",
    ],
    [`password = "a"`, "password", "no username"],
    [`password_file = "a"`, "password_file", "no username"],
    [`cert_file = "a"`, "cert_file", "no key_file"],
    [`key_file = "a"`, "key_file", "no cert_file"],
  ];
  for (const [lines, key, phrase] of table) {
    const text = withLines("mqtt", lines).replace("mqtt://", "mqtts://");
    const { problems } = await bad(text);
    assertEquals(problems.map(({ key }) => key), [`mqtt.${key}`], lines);
    assertStringIncludes(problems[0]?.message ?? "", phrase);
  }
  const env = { KOLIKKO_MQTT_PASSWORD: "hunter2" };
  const { message } = await bad(LEAST, env);
  assertStringIncludes(message, "kolikko.toml:1: mqtt.username: found no user");
  await good(withLines("mqtt", `protocol = "5"`), env);
});

Deno.test("parseConfig() lets min_on be as long as max_on", async () => {
  await good(withLines("heat", `min_on = "1h"\nmax_on = "1h"`));
  const { problems } = await bad(
    withLines("heat", `max_on = "1h"\nmin_on = "61m"`),
  );
  assertEquals(problems.map(({ line, key }) => [line, key]), [
    [3, "heat.min_on"],
  ]);
  assertStringIncludes(problems[0]?.message ?? "", "(see line 2)");
});

Deno.test("ConfigError never shows a secret", async () => {
  const table = [
    withLines("mqtt", `password = ["hunter2"]`),
    withLines("mqtt", `password = { a = "hunter2" }`),
    withLines("mqtt", `password = "hunter2"\npassword_file = "pw"`),
    withLines("mqtt", `pasword = "hunter2"`),
    withLines("mqtt", `password = "hunter2\\x"`),
    withLines("mqtt", `password = "hunter2`),
    withLines("mqtt", `password = hunter2`),
    withLines("mqtt", `password = "hunter2"\npassword = "hunter2"`),
    withLines("command", `args = "-p hunter2"`),
    withLines("command", `args = ["hunter2\\u0000"]`),
    withLines("command", `args = ["-p", 424242]`),
    withLines("command", `env = { PW = 424242 }`),
    withLines("mqtt", `password = 424242`),
    withLines("command", `env = "PW=hunter2"`),
    withLines("command", `env = { PW = ["hunter2"] }`),
    LEAST.replace(`exec = "xmrig"`, `exec = "xmrig -p hunter2"`),
    LEAST.replace("192", "me:hunter2@192"),
  ].map((text) => bad(text, { KOLIKKO_MQTT_PASSWORD: "hunter2" }));
  for (const { message, problems } of await Promise.all(table)) {
    assert(problems.length > 0);
    assert(!/hunter2|424242/.test(message), message);
  }
});

Deno.test("keyOf() writes paths as people do", () => {
  assertEquals(keyOf(["command", 0, "exec"]), "command[0].exec");
  assertEquals(keyOf(["a b", "c\n"]), `"a b"."c\\n"`);
  assertEquals(keyOf([]), "");
});
