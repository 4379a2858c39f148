import { assertEquals, assertRejects } from "@std/assert";
import { ConfigError, parseConfig } from "../lib/config.ts";
import { bad, good, LEAST, withLines } from "./config/bad.ts";

Deno.test("parseConfig() takes a BOM and line ends of Windows", async () => {
  const text = "\ufeff" + LEAST.replaceAll("\n", "\r\n");
  assertEquals(await good(text), await good(LEAST));
  const { problems } = await bad(`${text}[heat]\r\n\r\nmin_on = 5\r\n`);
  assertEquals(problems.map(({ line }) => line), [8]);
});

Deno.test("parseConfig() prefers the password of the environment", async () => {
  const env = { KOLIKKO_MQTT_PASSWORD: "from-env" };
  const file = withLines("mqtt", `username = "me"\npassword = "from-file"`);
  assertEquals((await good(file)).broker.password, "from-file");
  assertEquals((await good(file, env)).broker.password, "from-env");
  const other = withLines("mqtt", `username = "me"\npassword_file = "pw"`);
  const { broker } = await good(other, env);
  assertEquals([broker.password, broker.passwordFile], ["from-env", undefined]);
  const unset = await good(file, { KOLIKKO_MQTT_PASSWORD: "" });
  assertEquals(unset.broker.password, "from-file");
});

Deno.test("parseConfig() expands no variables", async () => {
  const text = withLines("command", `args = ["\${HOME}", "$HOME", "%PATH%"]`);
  const config = await good(text, { HOME: "/root" });
  assertEquals(config.commands[0]?.args, ["${HOME}", "$HOME", "%PATH%"]);
});

Deno.test("ConfigError has one line of message for each problem", async () => {
  const error = await bad(`[mqtt]\nurl = "mqtt://h"\nmin = 1\n`);
  assertEquals(error.file, "/etc/kolikko/kolikko.toml");
  assertEquals(error.message.split("\n").length, error.problems.length);
  assertEquals(
    error.message.split("\n").map((line) => line.split(": ").slice(0, 2)),
    [["kolikko.toml:3", "mqtt.min"], ["kolikko.toml", "command"]],
  );
});

Deno.test("parseConfig() puts paths below the file's folder", async () => {
  const config = await parseConfig(LEAST, { file: "/a/b.toml", env: {} });
  assertEquals(config.commands[0]?.cwd, "/a");
  await assertRejects(
    () => parseConfig("x", { file: "/a/b.toml", env: {} }),
    ConfigError,
    "b.toml:1: column 1",
  );
});
