import { assertEquals } from "@std/assert";
import { mqttOptions } from "../../lib/mqtt/mqtt_options.ts";
import { settingsFor } from "../mqtt_tools.ts";

const NO_SECRETS = {
  password: undefined,
  ca: undefined,
  cert: undefined,
  key: undefined,
};

Deno.test("mqttOptions() asks for a session of that length, and for none where nothing is to be kept", () => {
  const session = (protocol: "5" | "3.1.1", sessionMs: number) => {
    const { clean, properties } = mqttOptions({
      settings: settingsFor("mqtt://broker", { sessionMs }),
      secrets: NO_SECRETS,
      protocol,
      connectTimeoutMs: 1_000,
    });
    return [clean, properties?.sessionExpiryInterval];
  };
  assertEquals(session("5", 600_000), [false, 600]);
  assertEquals(session("5", 1), [false, 1]);
  assertEquals(session("5", 0), [true, 0]);
  // Longer ones would not fit, or never end.
  assertEquals(session("5", 1e15), [false, 2 ** 32 - 2]);
  assertEquals(session("3.1.1", 600_000), [false, undefined]);
  assertEquals(session("3.1.1", 0), [true, undefined]);
});
