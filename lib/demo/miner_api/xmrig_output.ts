/** What XMRig prints. Pure. */

import {
  painter,
  type PrintMoment,
  reset,
  stamp,
  type Style,
} from "./style.ts";

/** With tags; codes stand between the numbers. */
export const xmrig: Style = {
  stream: "stdout",
  begin: (moment) =>
    xmrigLine(moment, "net", `use pool ${moment.claim.pool}  203.0.113.5`) +
    xmrigLine(
      moment,
      "net",
      `new job from ${moment.claim.pool} diff 50000 algo ${moment.claim.algo}`,
    ) +
    xmrigLine(
      moment,
      xmrigTag(moment),
      "READY threads 8/8 (8) (a stand-in: nothing is mined)",
    ),
  rate(moment) {
    const { windows, highest, phase } = moment.claim;
    if (phase === "starting" || phase === "preparing") return "";
    const isMega = [...windows, highest].some((one) => (one ?? 0) >= 1e6);
    const unit = isMega ? "MH/s" : "H/s";
    const shown = (rate: number | undefined) => {
      if (rate === undefined) return "n/a";
      const value = isMega ? rate / 1e6 : rate;
      return value.toFixed(value < 100 ? 2 : 1);
    };
    const [short, minute, quarter] = windows.map(shown);
    const bold = painter(moment, "1;36");
    const words = painter(moment, "1;37")("speed") + " 10s/60s/15m " +
      bold(short ?? "") +
      painter(moment, "0;36")(` ${minute} ${quarter} `) + bold(unit) +
      " max " + bold(`${shown(highest)} ${unit}`) + reset(moment);
    return xmrigLine(moment, "miner", words);
  },
  share(moment, isAccepted) {
    const { accepted, rejected } = moment.claim;
    const word = isAccepted
      ? painter(moment, "1;32")("accepted")
      : painter(moment, "1;31")("rejected");
    const why = isAccepted ? "" : ` "Low difficulty share"`;
    const words = `${word} (${accepted}/${rejected}) diff ` +
      painter(moment, "1;37")("50000") + why + " " +
      painter(moment, "1;30")("(94 ms)") + reset(moment);
    return xmrigLine(moment, xmrigTag(moment), words);
  },
  end: (moment, signal) =>
    xmrigLine(moment, "signal", `${signal} received, exiting`),
};

const BACKGROUNDS: Readonly<Record<string, number>> = {
  cpu: 46,
  net: 44,
  miner: 45,
  nvidia: 42,
  signal: 43,
};

function xmrigTag({ isGpu }: PrintMoment): string {
  return isGpu ? "nvidia" : "cpu";
}

function xmrigLine(moment: PrintMoment, tag: string, words: string): string {
  const time = stamp(moment);
  const when = moment.colour
    ? `[${time.slice(0, 19)}\x1b[1;30m${time.slice(19)}\x1b[0m]`
    : `[${time}]`;
  const shown = moment.colour
    ? `\x1b[${BACKGROUNDS[tag] ?? 46};1m\x1b[1;37m ${tag.padEnd(8)}\x1b[0m`
    : ` ${tag.padEnd(8)}`;
  return `${when} ${shown} ${words}\n`;
}
