/** The topics of a rig in a test. */

import type { Topics } from "../../lib/core/topics.ts";

/** All topics below a base, as they are by default. */
export function topicsBelow(base: string): Topics {
  return {
    command: base,
    status: `${base}/status`,
    statusmsg: `${base}/statusmsg`,
    availability: `${base}/availability`,
    problem: `${base}/problem`,
    level: `${base}/level`,
    levelSet: `${base}/level/set`,
    event: `${base}/event`,
    requestRestart: `${base}/request/restart`,
    responseRestart: `${base}/response/restart`,
    info: `${base}/info`,
    hashrate: `${base}/command/hashrate`,
    accepted: `${base}/command/accepted`,
    telemetry: `${base}/telemetry`,
    commandBase: `${base}/command`,
    thermostatStatus: "homeassistant/status",
  };
}
