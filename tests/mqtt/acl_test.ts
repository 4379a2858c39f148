import { assertEquals, assertStringIncludes } from "@std/assert";
import { aclText } from "../../lib/mqtt/acl.ts";
import { topicsBelow } from "../fakes/topics.ts";

Deno.test("aclText() lets Home Assistant read topics that stand elsewhere", () => {
  const read = (status: string) =>
    aclText({
      topics: { ...topicsBelow("/k/heat"), status },
      prefix: "homeassistant",
      rig: { id: "k", name: "K" },
      names: ["cpu"],
    }, "k").split("\n").filter((line) => line.startsWith("#   topic read"))
      .map((line) => line.replace("#   topic read ", ""));
  assertEquals(read("/k/heat/status"), ["/k/heat/#", "homeassistant/#"]);
  assertEquals(read("office"), ["/k/heat/#", "office", "homeassistant/#"]);
});

Deno.test("aclText() lets Home Assistant remove the rig, so that the rig notices", () => {
  const text = aclText({
    topics: topicsBelow("/k/heat"),
    prefix: "ha",
    rig: { id: "k", name: "K" },
    names: ["cpu"],
  }, "k");
  for (const topic of ["ha/device/k/config", "ha/+/k/+/config"]) {
    assertStringIncludes(text, `\n#   topic write ${topic}\n`.trimEnd());
  }
});
