/** Family: how miners of one kind answer. Each answers from a claim and knows no socket. */

import type { Claim } from "./miner.ts";
import type { ApiSettings } from "./settings.ts";

/** One request; of the plain TCP families only the body is filled. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** What a family sees and may do besides the request. */
export interface ApiWorld {
  readonly claim: Claim;
  readonly settings: ApiSettings;
  /** Seconds since 1970. */
  readonly wallS: number;
  /** Of this one connection. */
  readonly session: { authorized: boolean };
  pause(isPaused: boolean): void;
  /** The miner ends, once it has answered. */
  quit(): void;
}

/** What is sent back. */
export interface ApiAnswer {
  /** 200 by default; of HTTP alone. */
  readonly status?: number;
  readonly type?: string;
  readonly body: string;
  /** The connection ends after it. */
  readonly close?: boolean;
}

/** One kind of API. */
export interface Family {
  /** HTTP; a line each way on a connection that stays; or one read, one answer, and close. */
  readonly framing: "http" | "line" | "once";
  /** Undefined: no answer at all. */
  answer(request: ApiRequest, world: ApiWorld): ApiAnswer | undefined;
  /** What a plain TCP family says to who may not ask; HTTP has its 401. */
  readonly denied?: string;
}

/** A family of which one path answers in JSON, and 404 the rest. */
export function httpFamily(
  paths: readonly string[],
  answer: (world: ApiWorld) => unknown,
): Family {
  return {
    framing: "http",
    answer({ path }, world) {
      if (!paths.includes(path)) return NOT_FOUND;
      return json(answer(world));
    },
  };
}

/** An answer of one line. */
export function json(value: unknown, status = 200): ApiAnswer {
  return { status, body: JSON.stringify(value) };
}

/** As most of them have it. */
export const NOT_FOUND: ApiAnswer = {
  status: 404,
  type: "text/plain",
  body: "Not Found",
};

/** Two decimals, cut off. */
export function floor2(value: number): number {
  return Math.floor(value * 100) / 100;
}

/** A number of so many decimals. */
export function rounded(value: number, decimals = 0): number {
  return Number(value.toFixed(decimals));
}

/** What JSON the text is; undefined if it is none, or no object. */
export function parseObject(
  text: string,
): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return undefined;
  }
}
