import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ask, askable, type Asked } from "./ask.ts";

Deno.test("xmrig keeps XMRig's rules of access", () => {
  const json = { "content-type": "application/json" };
  const bearer = { authorization: "Bearer secret" };
  const post = {
    method: "POST",
    path: "/json_rpc",
    body: `{"method":"pause"}`,
  };
  const get = { path: "/2/summary" };
  const table: [
    Parameters<typeof askable>[0],
    Omit<Asked, "family">,
    number,
  ][] = [
    [{}, get, 200],
    [{}, { path: "/3/summary" }, 404],
    [{}, { ...get, headers: bearer }, 401],
    [{}, { path: "/2/config" }, 403],
    [{}, { ...post, headers: json }, 403],
    [{ unrestricted: true }, get, 401],
    [{ token: "secret" }, get, 401],
    [
      { token: "secret" },
      { ...get, headers: { authorization: "Bearer x" } },
      403,
    ],
    [{ token: "secret" }, { ...get, headers: bearer }, 200],
    [{ token: "secret" }, { ...post, headers: { ...json, ...bearer } }, 403],
  ];
  for (const [settings, asked, status] of table) {
    const answer = askable(settings).answer({ family: "xmrig", ...asked });
    assertEquals(answer?.status, status, JSON.stringify([settings, asked]));
    assertEquals(answer?.close, true);
  }
  const open = askable({ token: "secret", unrestricted: true });
  const order = (headers: Record<string, string>, method = "pause") =>
    open.answer({
      ...post,
      family: "xmrig",
      headers: { ...bearer, ...headers },
      body: JSON.stringify({ method, id: 7 }),
    });
  assertEquals(
    order({ "content-type": "application/json; charset=utf-8" })?.status,
    415,
  );
  assertEquals(open.told, []);
  assertEquals(JSON.parse(order(json)?.body ?? ""), {
    result: { status: "OK" },
    jsonrpc: "2.0",
    id: 7,
  });
  assertStringIncludes(order(json, "dance")?.body ?? "", "-32601");
  assertEquals(open.told, ["pause"]);
  const put = {
    method: "PUT",
    path: "/2/config",
    headers: { ...json, ...bearer },
  };
  assertEquals(
    open.answer({ family: "xmrig", ...put, body: "{}" })?.status,
    204,
  );
  assertEquals(
    open.answer({ family: "xmrig", ...put, body: "{" })?.status,
    400,
  );
});

Deno.test("xmrig fills its windows one after the other, and they decay in a pause", async () => {
  const xmrig = askable({ ageMs: 0, token: "t", unrestricted: true });
  const total = () => {
    const answer = xmrig.answer({
      family: "xmrig",
      path: "/2/summary",
      headers: { authorization: "Bearer t" },
    });
    return JSON.parse(answer?.body ?? "").hashrate.total;
  };
  assertEquals(total(), [null, null, null]);
  await xmrig.clock.advance(10_000);
  assertEquals(total(), [46_000_000, null, null]);
  await xmrig.clock.advance(890_000);
  assertEquals(total(), [46_000_000, 46_000_000, 46_000_000]);
  xmrig.miner.pause(true);
  await xmrig.clock.advance(30_000);
  assertEquals(total().slice(0, 2), [0, 23_000_000]);
});

Deno.test("cgminer speaks JSON and the old text, nests joined commands, and lets nobody quit it", () => {
  const cgminer = (body: string, quirks: string[] = []) =>
    ask({ family: "cgminer", body, quirks }).replace(/\0$/, "");
  const summary = JSON.parse(cgminer(`{"command":"summary"}`)).SUMMARY[0];
  assertEquals(summary["MHS 5s"], 46);
  assertEquals([summary.Accepted, summary.Rejected], [540, 60]);
  const both = JSON.parse(cgminer(`{"command":"summary+devs"}`));
  assertEquals(both.summary[0].SUMMARY[0].Accepted, 540);
  assertEquals(both.devs[0].DEVS.length, 2);
  assertEquals(both.id, 1);
  assertMatch(
    cgminer("summary"),
    /^STATUS=S,When=\d+,Code=11,Msg=Summary,[^|]*\|SUMMARY,Elapsed=1200,MHS av=46,.*\|$/,
  );
  const denied = JSON.parse(cgminer(`{"command":"quit"}`));
  assertEquals(denied.STATUS[0].Msg, "Access denied to 'quit' command");
  const open = askable({ unrestricted: true });
  const bye = open.answer({ family: "cgminer", body: `{"command":"quit"}` });
  assertEquals(bye?.body, `{"STATUS":"BYE","id":1}\0`);
  assertEquals(open.told, ["quit"]);
  const text = `{"command":"summary"}`;
  assertStringIncludes(cgminer(text, ["strings"]), `"GHS 5s":"0.05"`);
  assertStringIncludes(cgminer(text, ["inf"]), `"MHS 5s":inf,`);
  assertStringIncludes(cgminer(`{"command":"devs"}`, ["glued"]), "}{");
  const red = ask({ family: "teamredminer", body: text });
  assertStringIncludes(red, `"MHS 30s":46,"KHS av":46000,"KHS 30s":46000`);
});

Deno.test("The claymore family differs in units, members and passwords as its miners do", () => {
  const getstat = `{"id":3,"jsonrpc":"2.0","method":"miner_getstat1"}`;
  const result = (family: Asked["family"]) =>
    JSON.parse(ask({ family, body: getstat })).result;
  assertEquals(result("phoenix")[2], "46000;540;60");
  assertEquals(result("ttminer")[2], "46000000;540;60");
  assertEquals(result("phoenix").slice(3, 4), ["23000;23000"]);
  assertEquals(result("phoenix")[1], "20");
  assertMatch(
    ask({ family: "claymore", body: getstat }),
    /^\{"id":3,"error":null,"result":.*\}\n$/,
  );
  const locked = askable({ password: "pw" });
  assertEquals(locked.answer({ family: "phoenix", body: getstat }), undefined);
  const psw = getstat.replace("}", `,"psw":"pw"}`);
  assertStringIncludes(
    locked.answer({ family: "phoenix", body: psw })?.body ?? "",
    "46000;",
  );
  const ethminer = (method: string, params = {}) =>
    locked.answer({
      family: "ethminer",
      body: JSON.stringify({ id: 1, method, params }),
    })?.body ?? "";
  assertStringIncludes(ethminer("miner_getstat1"), "-401");
  assertStringIncludes(ethminer("api_authorize", { psw: "no" }), "-401");
  assertStringIncludes(
    ethminer("api_authorize", { psw: "pw" }),
    `"result":true`,
  );
  assertStringIncludes(
    ethminer("miner_getstatdetail"),
    `"hashrate":"0x0000000002bde780"`,
  );
});

Deno.test("The other families tell rates in their own units", () => {
  const get = (family: Asked["family"], path: string) =>
    JSON.parse(ask({ family, path }));
  assertStringIncludes(
    ask({ family: "ccminer", body: "summary" }),
    ";KHS=46000.00;",
  );
  assertStringIncludes(
    ask({ family: "ccminer", body: "threads" }),
    ";POWER=120000;",
  );
  assertStringIncludes(
    ask({ family: "cpuminer", body: "summary" }),
    ";HS=46000000.00;KHS=46000.00;",
  );
  const trex = get("trex", "/summary");
  assertEquals([trex.hashrate, trex.hashrate_minute, trex.hashrate_hour], [
    46_000_000,
    46_000_000,
    0,
  ]);
  assertEquals(typeof trex.active_pool.difficulty, "string");
  const [lol] = get("lolminer", "/summary").Algorithms;
  assertEquals([lol.Total_Performance, lol.Performance_Factor], [
    46,
    1_000_000,
  ]);
  assertEquals(get("axeos", "/api/system/info").hashRate, 0.05);
  const nano = get("nanominer", "/stats").Algorithms[0]["rx/0"];
  assertEquals(nano.Total.Hashrate, "4.600000e+07");
  const getstat = `{"id":"0", "method":"getstat"}`;
  assertMatch(
    ask({ family: "miniz", body: getstat, quirks: ["headers"] }),
    /^HTTP.*\r\n\r\n\{.*\}$/s,
  );
  assertStringIncludes(
    ask({ family: "miniz", body: getstat, quirks: ["sol-ps"] }),
    `"speed_sps":0,"sol_ps":23000000`,
  );
  const [gpu] = get("srbminer", "/").gpu_devices;
  assertEquals(gpu.asic_power, 120);
});

Deno.test("trex takes orders from who has its key alone", () => {
  const locked = askable({ token: "key" });
  const get = (path: string) => locked.answer({ family: "trex", path });
  assertEquals(get("/summary")?.status, 401);
  assertEquals(JSON.parse(get("/login?password=no")?.body ?? "").success, 0);
  const { sid } = JSON.parse(get("/login?password=key")?.body ?? "");
  assertEquals(get(`/summary?sid=${sid}`)?.status, 200);
  get(`/control?sid=${sid}&pause=true`);
  get(`/control?sid=${sid}&command=shutdown`);
  assertEquals(locked.told, ["pause", "quit"]);
  const open = askable();
  open.answer({ family: "trex", path: "/control?command=shutdown" });
  assertEquals(open.told, []);
});

Deno.test("Miner claims the same for the same seed, and strays no further than told", async () => {
  const claims = async (seed: number) => {
    const { clock, miner } = askable({ seed, wobble: 0.02, ageMs: 0 });
    const rates: number[] = [];
    for (let second = 0; second < 200; second += 1) {
      rates.push(miner.claim().hashrate);
      await clock.advance(1_000);
    }
    return rates;
  };
  const rates = await claims(1);
  assertEquals(await claims(1), rates);
  assertEquals((await claims(2)).join() === rates.join(), false);
  const straysMax = Math.max(...rates.map((rate) => Math.abs(rate / 46e6 - 1)));
  assertEquals(straysMax <= 0.02 && straysMax > 0.015, true, `${straysMax}`);
});

Deno.test("Miner counts no share while it prepares or is paused, and keeps its counts when it changes", async () => {
  const { clock, miner } = askable({ ageMs: 0, warmUpMs: 10_000 });
  const counts = () => [miner.claim().accepted, miner.claim().rejected];
  await clock.advance(10_000);
  assertEquals(counts(), [0, 0]);
  await clock.advance(20_000);
  assertEquals(counts(), [9, 1]);
  miner.pause(true);
  await clock.advance(60_000);
  assertEquals([...counts(), miner.claim().hashrate], [9, 1, 0]);
  miner.pause(false);
  await clock.advance(20_000);
  assertEquals(counts(), [18, 2]);
  assertEquals(miner.claim().uptimeS, 110);
});
