import { assertEquals } from "@std/assert";
import { FakeClock } from "../fakes/fake_clock.ts";
import { systemClock } from "../../lib/clock.ts";
import { readFrom } from "../../lib/telemetry/read_from.ts";
import { READERS } from "../../lib/telemetry/readers.ts";
import { askedIn, type Recorded, recorded } from "./recorded.ts";
import { httpAnswer, say, SmallServer } from "./small_server.ts";

/** The wall clock of all recorded cases: 2022-01-01, 00:00 UTC. */
const clock = {
  ...systemClock,
  wall: () => new FakeClock({ wall: Date.UTC(2022, 0, 1) }).wall(),
};

async function readRecorded({ family, answers }: Recorded): Promise<unknown> {
  await using server = new SmallServer((request, connection) => {
    const body = answers[askedIn(request)];
    if (!request.startsWith("GET ")) return say(connection, body ?? "");
    return say(
      connection,
      body === undefined
        ? httpAnswer('{"status":404}', "404 Not Found")
        : httpAnswer(body),
    );
  });
  const reading = await readFrom(READERS[family], server.where, { clock });
  return JSON.parse(JSON.stringify(reading));
}

for (const record of await recorded()) {
  Deno.test(`READERS.${record.family} reads ${record.name} as recorded`, async () => {
    const reading = await readRecorded(record);
    assertEquals(reading, record.expected);
  });
}
