import { assertEquals } from "@std/assert";
import type { TelemetrySettings } from "../../lib/telemetry/settings.ts";
import { wayOf } from "../../lib/telemetry/way.ts";

const AUTO: TelemetrySettings = {
  api: "auto",
  host: "127.0.0.1",
  port: undefined,
  token: undefined,
  intervalMs: 10_000,
  patterns: [],
};

/** The way in a word: what is asked where, or what the lines are read for. */
function way(
  command: string,
  some: Partial<TelemetrySettings> = {},
): string {
  const [exec = "", ...args] = command.split(" ");
  const found = wayOf({ ...AUTO, ...some }, { name: "a", exec, args });
  if (found.kind === "none") return "none";
  if (found.kind === "stdout") {
    return found.advice === undefined ? "stdout" : `stdout: ${found.advice}`;
  }
  const { reader: { family }, where: { host, port, token } } = found;
  return `${family} ${host}:${port}${token === undefined ? "" : ` ${token}`}`;
}

Deno.test("wayOf() asks what exec and args show", () => {
  assertEquals(way("xmrig --http-port 18088"), "xmrig 127.0.0.1:18088");
  assertEquals(way("t-rex"), "trex 127.0.0.1:4067");
  assertEquals(
    way("lolMiner --apiport 10.0.0.5:8020"),
    "lolminer 10.0.0.5:8020",
  );
  assertEquals(way("a-strange-miner --port 5"), "stdout");
});

Deno.test("wayOf() lets the owner's port and host win", () => {
  assertEquals(
    way("xmrig --http-port 18088", { port: 5, token: "t" }),
    "xmrig 127.0.0.1:5 t",
  );
  assertEquals(
    way("xmrig --http-port 18088", { host: "10.0.0.7" }),
    "xmrig 10.0.0.7:18088",
  );
  assertEquals(
    way("start.sh", { api: "gminer", host: "10.0.0.7", port: 9 }),
    "gminer 10.0.0.7:9",
  );
});

Deno.test("wayOf() reads the output where the API is off, and says how it is switched on", () => {
  assertEquals(
    way("xmrig -o pool"),
    "stdout: start it with --http-port=PORT and set port of " +
      "[command.telemetry] to the same",
  );
  assertEquals(way("xmrig -o pool", { api: "stdout" }), "stdout");
  assertEquals(way("t-rex", { api: "none" }), "none");
});

Deno.test("wayOf() takes a family's usual port for a program that it does not know", () => {
  assertEquals(way("start.sh", { api: "trex" }), "trex 127.0.0.1:4067");
  // Its own arguments say that it is off.
  assertEquals(
    way("t-rex --api-bind-http 0", { api: "trex" }).startsWith("stdout: "),
    true,
  );
});

Deno.test("wayOf() reads the lines if the owner says how", () => {
  const patterns = ["(?<hashrate>\\d+)"];
  assertEquals(way("t-rex", { patterns }), "stdout");
  assertEquals(
    way("t-rex", { patterns, api: "trex" }),
    "trex 127.0.0.1:4067",
  );
});
