import type { Usage } from "./answer/events.ts";

/** What the coordinator says of how it served a request, in the headers of its answer. */
export interface Explained {
  requestId: string | undefined;
  agent: string | undefined;
  reason: string | undefined;
  attempts: number | undefined;
  queueMs: number | undefined;
  /** The model that answers where it is not the one that was asked for: an alias or a fallback. */
  model: string | undefined;
}

export function explained(headers: Headers): Explained {
  // Before a machine was found there is none to name, and the header is empty.
  const text = (name: string): string | undefined => headers.get(name) || undefined;
  const number = (name: string): number | undefined => {
    const value = headers.get(name);
    return value === null || !/^\d+(\.\d+)?$/.test(value) ? undefined : Number(value);
  };
  return {
    requestId: text("x-request-id"),
    agent: spelled(text("x-coordinator-agent")),
    reason: text("x-coordinator-reason"),
    attempts: number("x-coordinator-attempts"),
    queueMs: number("x-coordinator-queue-ms"),
    model: spelled(text("x-coordinator-model")),
  };
}

/** A header is Latin-1: names in other scripts come percent-encoded. */
function spelled(name: string | undefined): string | undefined {
  if (name === undefined || !/%[0-9A-Fa-f]{2}/.test(name)) return name;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** Times of one answer by the page's own clock, ms. */
export interface Times {
  sentAt: number;
  /** Of the first text, thought or call of a tool. */
  firstAt: number | undefined;
  lastAt: number | undefined;
}

export interface Measures {
  /** From sending to the first token; it contains the wait and the loading of the model. */
  firstTokenMs: number | undefined;
  totalMs: number | undefined;
  tokensPerS: number | undefined;
  tokens: number | undefined;
  promptTokens: number | undefined;
  loadMs: number | undefined;
}

/** Shorter than this between first and last token, ms, and a clock says nothing about speed. */
const TOO_SHORT_MS = 20;

/** @param usage undefined until the answer is complete */
export function measured({ sentAt, firstAt, lastAt }: Times, usage: Usage | undefined): Measures {
  const between = firstAt === undefined || lastAt === undefined ? undefined : lastAt - firstAt;
  return {
    firstTokenMs: firstAt === undefined ? undefined : firstAt - sentAt,
    totalMs: lastAt === undefined ? undefined : lastAt - sentAt,
    tokensPerS: usage === undefined ? undefined : tokensPerS(usage, between),
    tokens: usage?.tokens,
    promptTokens: usage?.promptTokens,
    loadMs: usage?.loadMs,
  };
}

/** By Ollama's own clock where it tells; else by the page's, which starts with the first of the tokens. */
function tokensPerS({ tokens, evalMs }: Usage, betweenMs: number | undefined): number | undefined {
  if (tokens === undefined || tokens === 0) return undefined;
  if (evalMs !== undefined && evalMs > 0) return (tokens / evalMs) * 1_000;
  if (betweenMs === undefined || betweenMs < TOO_SHORT_MS || tokens < 2) return undefined;
  return ((tokens - 1) / betweenMs) * 1_000;
}
