import { assertRejects } from "@std/assert";
import { createConnect } from "../../lib/mqtt/connect.ts";
import {
  type BrokerSettings,
  type Connect,
  ConnectError,
} from "../../lib/mqtt/link.ts";
import { RecordedLog } from "../fakes/recorded_log.ts";
import { Mosquitto, mosquittoTlsTest, TestCertificates } from "../mosquitto.ts";
import { never, settingsFor } from "../mqtt_tools.ts";

function connectTo(url: string, others: Partial<BrokerSettings>): Connect {
  return createConnect(settingsFor(url, others), { log: new RecordedLog() });
}

/** Connects, publishes, ends. */
async function works(connect: Connect): Promise<void> {
  const link = await connect(never());
  await link.publish("a", "b", { retain: false });
  await link.close();
}

async function fails(connect: Connect, words: string): Promise<void> {
  await assertRejects(() => connect(never()), ConnectError, words);
}

mosquittoTlsTest(
  "createConnect() trusts the CA of ca_file, and no other",
  async () => {
    await using files = await TestCertificates.create();
    const tls = {
      cert: files.path("server.pem"),
      key: files.path("server.key"),
    };
    await using broker = await Mosquitto.start({ tls });
    const caFile = files.path("ca.pem");
    await works(connectTo(`mqtts://127.0.0.1:${broker.port}`, { caFile }));
    await works(connectTo(`mqtts://localhost:${broker.port}`, { caFile }));
    const url = `mqtts://localhost:${broker.port}`;
    await fails(connectTo(url, {}), "is not trusted: set ca_file");
    await fails(
      connectTo(url, { caFile: files.path("other.pem") }),
      "was not signed with ca_file",
    );
    await fails(
      connectTo(`mqtt://localhost:${broker.port}`, {}),
      "check that url has the right kind",
    );
  },
);

mosquittoTlsTest(
  "createConnect() refuses a certificate for another name",
  async () => {
    await using files = await TestCertificates.create();
    await using broker = await Mosquitto.start({
      tls: {
        cert: files.path("elsewhere.pem"),
        key: files.path("elsewhere.key"),
      },
    });
    const caFile = files.path("ca.pem");
    for (const host of ["127.0.0.1", "localhost"]) {
      await fails(
        connectTo(`mqtts://${host}:${broker.port}`, { caFile }),
        `the broker's certificate is not for "${host}"`,
      );
    }
  },
);

mosquittoTlsTest(
  "createConnect() shows a client certificate, and says if one is wanted",
  async () => {
    await using files = await TestCertificates.create();
    const caFile = files.path("ca.pem");
    await using broker = await Mosquitto.start({
      tls: {
        cert: files.path("server.pem"),
        key: files.path("server.key"),
        clientCa: caFile,
      },
    });
    const url = `mqtts://127.0.0.1:${broker.port}`;
    const own = (name: string) => ({
      caFile,
      certFile: files.path(`${name}.pem`),
      keyFile: files.path(`${name}.key`),
    });
    await works(connectTo(url, own("client")));
    await fails(connectTo(url, { caFile }), "set cert_file and key_file");
    await fails(
      connectTo(url, own("other")),
      "does not accept our client certificate",
    );
    await fails(
      connectTo(url, { ...own("client"), keyFile: files.path("other.key") }),
      "key_file",
    );
  },
);

mosquittoTlsTest(
  "createConnect() reaches a broker through websockets with TLS",
  async () => {
    await using files = await TestCertificates.create();
    await using broker = await Mosquitto.start({
      websockets: true,
      tls: { cert: files.path("server.pem"), key: files.path("server.key") },
    });
    const url = `wss://localhost:${broker.port}`;
    await works(connectTo(url, { caFile: files.path("ca.pem") }));
    await fails(connectTo(url, {}), "is not trusted: set ca_file");
  },
);
