/** What miners print, in the manner of several programs. Pure. */

import {
  clockTime,
  compact,
  painter,
  type PrintMoment,
  seconds,
  stamp,
  type Style,
} from "./style.ts";
import { xmrig } from "./xmrig_output.ts";

const quiet = { begin: () => "", end: () => "" };

/** cpuminer-multi: `accepted:` of rejected shares, too; accepted of submitted. */
const cpuminer: Style = {
  stream: "stdout",
  ...quiet,
  rate: () => "",
  share(moment, isAccepted) {
    const { accepted, rejected, hashrate } = moment.claim;
    const total = accepted + rejected;
    const part = (100 * accepted / Math.max(total, 1)).toFixed(2);
    const rate = (hashrate / 1_000).toFixed(2);
    return `[${seconds(moment)}] accepted: ${accepted}/${total} (${part}%), ` +
      `${painter(moment, "01;37")(`${rate} kH/s`)} ${
        yes(moment, isAccepted)
      }\n`;
  },
};

/** ccminer: the same with the difficulty, and a line for each card. */
const ccminer: Style = {
  ...cpuminer,
  rate: (moment) =>
    moment.claim.devices.map(({ index, hashrate }) =>
      `[${seconds(moment)}] GPU #${index}: Stand-in GTX, ${
        (hashrate / 1e6).toFixed(2)
      } MH/s\n`
    ).join(""),
  share(moment, isAccepted) {
    const { accepted, rejected, hashrate } = moment.claim;
    const reason = isAccepted
      ? ""
      : `[${seconds(moment)}] reject reason: Low difficulty share\n`;
    return `[${seconds(moment)}] accepted: ${accepted}/${
      accepted + rejected
    } ` +
      `(diff 0.123), ${(hashrate / 1e6).toFixed(2)} MH/s ` +
      `${yes(moment, isAccepted)}\n${reason}`;
  },
};

/** With colours the flag has no parentheses. */
function yes(moment: PrintMoment, isAccepted: boolean): string {
  const word = isAccepted ? "yes!" : "booooo";
  return moment.colour
    ? painter(moment, isAccepted ? "01;32" : "01;31")(word)
    : `(${word})`;
}

/** cpuminer-opt: short forms, and a report whose real rate stands in parentheses. */
const cpuminerOpt: Style = {
  stream: "stdout",
  ...quiet,
  rate(moment) {
    const { hashrate, accepted, rejected } = moment.claim;
    const rate = `${(hashrate / 1_000).toFixed(2)}kh/s`;
    const row = (name: string, value: string) =>
      `                      ${name.padEnd(12)}${value}\n`;
    return `[${seconds(moment)}] Periodic Report     1m00s        1m00s\n` +
      row(
        "Hash rate",
        `${rate.padStart(13)} ${rate.padStart(13)}   (${rate})`,
      ) +
      row("Submitted", String(accepted + rejected).padStart(13)) +
      row("Accepted", String(accepted).padStart(13));
  },
  share(moment, isAccepted) {
    const { accepted, rejected } = moment.claim;
    const words = isAccepted
      ? `${painter(moment, "32")("Accepted")} ${accepted} S0 R${rejected} B0`
      : `A${accepted} S0 ${painter(moment, "31")("Rejected")} ${rejected} B0`;
    const reason = isAccepted
      ? ""
      : "                      Reject reason: Low difficulty share\n";
    const count = accepted + rejected;
    return `[${
      seconds(moment)
    }] ${count} ${words}, 2.000 sec (23ms)\n${reason}`;
  },
};

/** T-Rex: accepted of submitted, and the rate in the same line. */
const trex: Style = {
  stream: "stdout",
  ...quiet,
  rate: (moment) =>
    moment.claim.devices.map((one) =>
      `${compact(moment)} GPU #${one.index}: Stand-in GTX - ${
        (one.hashrate / 1e6).toFixed(2)
      } MH/s, [T:${one.temperatureC.toFixed(0)}C, P:${
        one.powerW.toFixed(0)
      }W, F:65%, E:403kH/W], ${one.accepted}/${
        one.accepted + one.rejected
      } R:0%\n`
    ).join(""),
  share(moment, isAccepted) {
    const { accepted, rejected, hashrate } = moment.claim;
    const counts = `${accepted}/${accepted + rejected}`;
    const flag = isAccepted
      ? painter(moment, "32")("[ OK ]")
      : painter(moment, "31")("[FAIL]");
    const words = isAccepted
      ? `${(hashrate / 1e6).toFixed(2)} MH/s`
      : "Job not found";
    return `${
      compact(moment)
    } ${flag} ${counts} - ${words}, 110ms ... GPU #1\n`;
  },
};

/** GMiner: a table whose last row is the total. */
const gminer: Style = {
  stream: "stdout",
  ...quiet,
  rate(moment) {
    const { hashrate, accepted, rejected, powerW } = moment.claim;
    return `${clockTime(moment)} |  ${(hashrate / 1e6).toFixed(2)} MH/s  ` +
      `${accepted}/${rejected}/0  ${powerW.toFixed(0)} W  368.89 KH/W |\n`;
  },
  share(moment, isAccepted) {
    const count = moment.claim.accepted + moment.claim.rejected;
    const word = isAccepted ? "accepted" : "rejected";
    return `${clockTime(moment)} GPU0: Share #${count} ${word} 283 ms\n`;
  },
};

/** TeamRedMiner: dots behind its words. */
const teamredminer: Style = {
  stream: "stdout",
  ...quiet,
  rate(moment) {
    const { hashrate, accepted, rejected, temperatureC, algo } = moment.claim;
    const rate = `${(hashrate / 1_000).toFixed(1)} kh/s`;
    return `[${seconds(moment)}] GPU 0 [${
      temperatureC.toFixed(0)
    }C, fan 28%] ` +
      `${algo}: ${rate}, avg ${rate}, pool ${rate} a:${accepted} r:${rejected} hw:0\n`;
  },
  share(moment, isAccepted) {
    const { accepted, rejected, pool } = moment.claim;
    const words = isAccepted
      ? `accepted. (GPU0) (a:${accepted} r:${rejected})`
      : `rejected. (GPU0) Error code: 23 - Invalid time rolling (a:${accepted} r:${rejected}u)`;
    return `[${seconds(moment)}] Pool ${pool} share ${words} (8 ms)\n`;
  },
};

/** ethminer: all to standard error; quirk of its locale aside. */
const ethminer: Style = {
  stream: "stderr",
  ...quiet,
  rate(moment) {
    const { hashrate, accepted, rejected } = moment.claim;
    const rate = (hashrate / 1e6).toFixed(2);
    return ` m ${clockTime(moment)} ethminer 0:05 A${accepted}:R${rejected} ` +
      `${painter(moment, "36")(`${rate} Mh`)} - cu0 ${rate}\n`;
  },
  share(moment, isAccepted) {
    const [letter, word] = isAccepted ? ["i", "Accepted"] : ["X", "Rejected"];
    return ` ${letter} ${clockTime(moment)} stratum  **${word}  90 ms. ` +
      `${moment.claim.pool} [203.0.113.5:4444]\n`;
  },
};

/** cgminer: one status line that is written over and over, without a line feed. */
const cgminer: Style = {
  stream: "stdout",
  ...quiet,
  rate({ claim: { hashrate } }) {
    const rate = `${(hashrate / 1e9).toFixed(2)}G`;
    return ` (5s):${rate} (1m):${rate} (5m):${rate} (15m):${rate} (avg):${rate}h/s    \r`;
  },
  share(moment, isAccepted) {
    const words = isAccepted
      ? "Accepted 0a1b2c3d Diff 1.2K/64 BTM 0 pool 0"
      : "Rejected 0badcafe Diff 80/64 BTM 0 pool 0 (low difficulty share)";
    return ` [${stamp(moment)}] ${words}\n`;
  },
};

/** By the name that `--like` takes. */
export const STYLES: Readonly<Record<string, Style>> = {
  xmrig,
  cpuminer,
  "cpuminer-opt": cpuminerOpt,
  ccminer,
  trex,
  gminer,
  teamredminer,
  ethminer,
  cgminer,
};
