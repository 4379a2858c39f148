/** The options of one connection, in the words of the MQTT library. */

import { Buffer } from "node:buffer";
import {
  createPrivateKey,
  createPublicKey,
  X509Certificate,
} from "node:crypto";
import type { IClientOptions, MqttProtocol } from "mqtt";
import { TryFailed } from "./connect_failure.ts";
import { type BrokerSettings, ConnectError } from "./link.ts";

/** A short outage passes without `offline` on the availability topic. */
const WILL_DELAY_S = 10;

/** The longest time for a session that is not for ever. */
const SESSION_S_MAX = 2 ** 32 - 2;

/** What we take from the broker in one piece; longer messages end the connection. */
const PACKET_BYTES_MAX = 2 * 1024 * 1024;

/** What stands in the files that the settings name. */
export interface Secrets {
  readonly password: string | undefined;
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/**
 * Reads password and certificates, which may have been replaced meanwhile.
 * @throws {ConnectError} if one cannot be read, or key and certificate do not match.
 */
export async function readSecrets(
  settings: BrokerSettings,
  signal: AbortSignal,
): Promise<Secrets> {
  const read = (key: string, path: string | undefined) =>
    path === undefined ? undefined : readFile({ key, path, signal });
  const [password, ca, cert, key] = await Promise.all([
    read("password_file", settings.passwordFile),
    read("ca_file", settings.caFile),
    read("cert_file", settings.certFile),
    read("key_file", settings.keyFile),
  ]);
  if (cert !== undefined && key !== undefined && !belongs(key, cert)) {
    throw new ConnectError(
      `Cannot use key_file "${settings.keyFile}" as it does not belong to ` +
        `cert_file "${settings.certFile}": correct one of them under [mqtt]`,
    );
  }
  return {
    password: password?.replace(/\r?\n$/, "") ?? settings.password,
    ca,
    cert,
    key,
  };
}

async function readFile(
  { key, path, signal }: { key: string; path: string; signal: AbortSignal },
): Promise<string> {
  try {
    return await Deno.readTextFile(path, { signal });
  } catch (error) {
    if (signal.aborted) throw new TryFailed({ kind: "aborted" });
    if (!(error instanceof Error)) throw error;
    const why = error instanceof Deno.errors.NotFound
      ? "it does not exist"
      : error.message.replace(/: \w+ '.*'$/, "");
    throw new ConnectError(
      `Cannot read ${key} "${path}" as ${why}: correct ${key} under [mqtt]`,
    );
  }
}

/** Deno 2.6 ends the whole program over a key of another certificate. */
function belongs(key: string, cert: string): boolean {
  const form = { type: "spki", format: "pem" } as const;
  try {
    const wanted = new X509Certificate(cert).publicKey.export(form);
    // The types know only texts here; the runtime takes the key itself.
    const own = createPrivateKey(key) as unknown as string;
    return createPublicKey(own).export(form) === wanted;
  } catch {
    // A kind of key that this check does not know: TLS itself will tell.
    return true;
  }
}

export interface MqttOptionsSpec {
  readonly settings: BrokerSettings;
  readonly secrets: Secrets;
  readonly protocol: "5" | "3.1.1";
  readonly connectTimeoutMs: number;
}

/** One connection that never reconnects and never sends anything later. */
export function mqttOptions(spec: MqttOptionsSpec): IClientOptions {
  const { settings, secrets } = spec;
  const isFive = spec.protocol === "5";
  return {
    ...address(settings.url),
    ...tls(settings.url, secrets),
    ...(settings.username === undefined ? {} : { username: settings.username }),
    ...(secrets.password === undefined ? {} : { password: secrets.password }),
    clientId: settings.clientId,
    protocolId: "MQTT",
    protocolVersion: isFive ? 5 : 4,
    // A session of MQTT 3.1.1 has no end: what of it counts is our own matter.
    clean: settings.sessionMs === 0,
    keepalive: settings.keepaliveS,
    // Our own limit comes first: it covers more.
    connectTimeout: spec.connectTimeoutMs + 1000,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    ...(settings.willTopic === undefined
      ? {}
      : { will: will(settings.willTopic, isFive) }),
    ...(isFive
      ? {
        properties: {
          sessionExpiryInterval: Math.min(
            Math.ceil(settings.sessionMs / 1000),
            SESSION_S_MAX,
          ),
          maximumPacketSize: PACKET_BYTES_MAX,
          topicAliasMaximum: 0,
        },
      }
      : {}),
  };
}

function will(topic: string, isFive: boolean): IClientOptions["will"] {
  return {
    topic,
    payload: Buffer.from("offline"),
    qos: 1,
    retain: true,
    ...(isFive ? { properties: { willDelayInterval: WILL_DELAY_S } } : {}),
  };
}

function address(text: string): IClientOptions {
  const url = new URL(text);
  const protocol = url.protocol.slice(0, -1) as MqttProtocol;
  const isWeb = protocol.startsWith("ws");
  // The library puts the host into an address again for websockets alone.
  const host = isWeb ? url.hostname : url.hostname.replace(/^\[|\]$/g, "");
  return {
    protocol,
    host,
    ...(url.port === "" ? {} : { port: Number(url.port) }),
    ...(isWeb ? { path: `${url.pathname}${url.search}` } : {}),
  };
}

function tls(url: string, { ca, cert, key }: Secrets): IClientOptions {
  if (!/^(mqtts|wss):/.test(url)) return {};
  return {
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}
