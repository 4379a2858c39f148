/** What is wrong only together with something else. */

import { isTls, schemeOf } from "./broker_url.ts";
import type { Complaint } from "./complaints.ts";
import type { Draft } from "./draft.ts";
import { quoted } from "./quote.ts";
import { checkReaders } from "./readers.ts";
import type { Settings } from "./schema.ts";
import { checkTopics } from "./topic_plan.ts";

/** All complaints about combinations; `password` is the one of the environment. */
export function checkCombinations(
  draft: Draft<Settings>,
  password: string | undefined,
): Complaint[] {
  return [
    ...checkLogin(draft.mqtt, password),
    ...checkTls(draft.mqtt),
    ...checkHeat(draft.heat),
    ...checkSafety(draft.safety),
    ...checkNames(draft.command),
    ...checkReaders(draft.command),
    ...checkTopics(draft),
  ];
}

function checkLogin(
  mqtt: Draft<Settings>["mqtt"],
  password: string | undefined,
): Complaint[] {
  const complaints: Complaint[] = [];
  if (mqtt?.password && mqtt.password_file) {
    complaints.push({
      path: ["mqtt", "password_file"],
      message:
        "found password as well, wanted one of the two; remove the other",
      other: ["mqtt", "password"],
    });
  }
  const key = mqtt?.password_file ? "password_file" : "password";
  const source = password === undefined
    ? key
    : "the environment variable KOLIKKO_MQTT_PASSWORD";
  const given = password ?? (mqtt?.password || mqtt?.password_file);
  // MQTT 3.1.1 has no password without a user, and "auto" may end there.
  if (given && mqtt?.username === "" && mqtt.protocol !== "5") {
    complaints.push({
      path: password === undefined ? ["mqtt", key] : ["mqtt", "username"],
      message: `found no username for the password of ${source}; ` +
        `set username, or protocol = "5", which alone allows this`,
    });
  }
  return complaints;
}

function checkSafety(safety: Draft<Settings>["safety"]): Complaint[] {
  const { max_temperature_c: max, resume_below_c: resume } = safety ?? {};
  if (!max || resume === undefined || resume < max) return [];
  return [{
    path: ["safety", "resume_below_c"],
    message: `found ${resume}, wanted less than max_temperature_c, ` +
      `which is ${max}`,
    other: ["safety", "max_temperature_c"],
  }];
}

function checkTls(mqtt: Draft<Settings>["mqtt"]): Complaint[] {
  const complaints: Complaint[] = [];
  for (const key of ["ca_file", "cert_file", "key_file"] as const) {
    if (!mqtt?.[key] || mqtt.url === undefined || isTls(mqtt.url)) continue;
    const scheme = schemeOf(mqtt.url);
    complaints.push({
      path: ["mqtt", key],
      message: `found a file for TLS, but ${scheme}:// is not encrypted; ` +
        `use ${scheme}s:// in url, or remove ${key}`,
      other: ["mqtt", "url"],
    });
  }
  const pairs = [["cert_file", "key_file"], ["key_file", "cert_file"]] as const;
  for (const [key, missing] of pairs) {
    if (!mqtt?.[key] || mqtt[missing] !== "") continue;
    complaints.push({
      path: ["mqtt", key],
      message: `found no ${missing} for it, wanted both; ` +
        `set ${missing} as well, or remove ${key}`,
    });
  }
  return complaints;
}

function checkHeat(heat: Draft<Settings>["heat"]): Complaint[] {
  if (heat?.min_on === undefined || heat.max_on === undefined) return [];
  if (heat.min_on <= heat.max_on) return [];
  return [{
    path: ["heat", "min_on"],
    message: "found a longer time than max_on, wanted max_on at most",
    other: ["heat", "max_on"],
  }];
}

function checkNames(commands: Draft<Settings>["command"]): Complaint[] {
  const first = new Map<string, number>();
  const complaints: Complaint[] = [];
  commands?.forEach((command, index) => {
    const name = command?.name;
    if (name === undefined) return;
    // On Windows two names that differ in case alone are one file.
    const other = first.get(name.toLowerCase());
    if (other === undefined) {
      first.set(name.toLowerCase(), index);
      return;
    }
    complaints.push({
      path: ["command", index, "name"],
      message:
        `found ${quoted(name)}, which is the name of command[${other}] ` +
        `already; give each command its own name`,
      other: ["command", other, "name"],
    });
  });
  return complaints;
}
