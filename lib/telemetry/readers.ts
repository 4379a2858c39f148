/** The readers by family. */

import { axeos } from "./axeos.ts";
import { bzminer } from "./bzminer.ts";
import { ccminer } from "./ccminer.ts";
import { cgminer } from "./cgminer.ts";
import { claymore } from "./claymore.ts";
import type { Family } from "./families.ts";
import { gminer } from "./gminer.ts";
import { lolminer } from "./lolminer.ts";
import { miniz } from "./miniz.ts";
import { nanominer } from "./nanominer.ts";
import { nbminer } from "./nbminer.ts";
import { onezerominer } from "./onezerominer.ts";
import type { Reader } from "./reader.ts";
import { rigel } from "./rigel.ts";
import { srbminer } from "./srbminer.ts";
import { teamredminer } from "./teamredminer.ts";
import { trex } from "./trex.ts";
import { wildrig } from "./wildrig.ts";
import { xmrig } from "./xmrig.ts";

/** One reader for each family. */
export const READERS: Readonly<Record<Family, Reader>> = {
  xmrig,
  cgminer,
  teamredminer,
  claymore,
  ccminer,
  trex,
  lolminer,
  gminer,
  nbminer,
  srbminer,
  rigel,
  bzminer,
  miniz,
  wildrig,
  onezerominer,
  nanominer,
  axeos,
};
