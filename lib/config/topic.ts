/** One MQTT topic, as the configuration writes it. */

import { quoted } from "./quote.ts";
import { type Parse, text } from "./values.ts";

/** Far below what brokers take; what is put behind it must fit as well. */
const TOPIC_BYTES_MAX = 200;

const WANTED = `a topic such as "/kolikko1/heat"`;

/** A topic to publish to or to subscribe to; empty only if `empty`. */
export function topic(options: { empty: boolean }): Parse<string> {
  const parse = text({
    wanted: WANTED,
    filled: !options.empty,
    lengthMax: Infinity,
  });
  return (input) => {
    const value = parse(input);
    const fault = faultOf(value);
    if (fault === undefined) return value;
    throw new SyntaxError(`found ${quoted(value)}, wanted ${WANTED}; ${fault}`);
  };
}

function faultOf(value: string): string | undefined {
  if (/[+#]/.test(value)) {
    return "+ and # stand for other topics and cannot be part of one";
  }
  if (value.startsWith("$")) {
    return "topics that begin with $ belong to the broker";
  }
  if (value.endsWith("/")) return `leave the "/" at the end out`;
  if (value !== value.trim()) return "leave the spaces at its ends out";
  const bytes = new TextEncoder().encode(value).length;
  if (bytes > TOPIC_BYTES_MAX) {
    return `it is ${bytes} bytes long, ${TOPIC_BYTES_MAX} at most are allowed`;
  }
  return undefined;
}
