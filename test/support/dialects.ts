import type { Answer } from "./ask.ts";

/** How a client sees that an answer is all there, that it is not, or (`silent`) nothing of either. */
export type Verdict = { kind: "whole" } | { kind: "error"; code: string | undefined } | { kind: "silent" };

/** One way of asking for an answer, with what its clients look at. */
export interface TestDialect {
  readonly name: string;
  readonly path: string;
  readonly contentType: string;
  body(model: string): Record<string, unknown>;
  verdict(answer: Answer): Verdict;
}

const messages = [{ role: "user", content: "hi" }];
const SILENT: Verdict = { kind: "silent" };
const WHOLE: Verdict = { kind: "whole" };

interface Line {
  done?: boolean;
  error?: unknown;
  code?: string;
}

/** The last line says it, and there is no blank one: the Python client would fail on it. */
function ndjson(answer: Answer): Verdict {
  if (answer.end !== "complete" || answer.text.includes("\n\n")) return SILENT;
  const last = JSON.parse(answer.text.trimEnd().split("\n").at(-1) ?? "") as Line | undefined;
  if (last?.done === true) return WHOLE;
  return typeof last?.error === "string" ? { kind: "error", code: last.code } : SILENT;
}

/** Text of the last event, which must be complete: a client drops one that no blank line ends. */
function lastEvent(answer: Answer): { event: string | undefined; data: string } | undefined {
  if (answer.end !== "complete" || !answer.text.endsWith("\n\n")) return undefined;
  const block = answer.text.trimEnd().split("\n\n").at(-1) ?? "";
  const field = (name: string): string | undefined =>
    block
      .split("\n")
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2);
  return { event: field("event"), data: field("data") ?? "" };
}

function openai(answer: Answer): Verdict {
  const last = lastEvent(answer);
  if (last === undefined) return SILENT;
  if (last.data === "[DONE]") return WHOLE;
  const parsed = JSON.parse(last.data) as { error?: { message?: string; code?: string } };
  return typeof parsed.error?.message === "string" ? { kind: "error", code: parsed.error.code } : SILENT;
}

/** Anthropic's errors have a type and no code. */
function anthropic(answer: Answer): Verdict {
  const last = lastEvent(answer);
  if (last?.event === "message_stop") return WHOLE;
  if (last?.event !== "error") return SILENT;
  const parsed = JSON.parse(last.data) as { type?: string; error?: { type?: string; message?: string } };
  return parsed.type === "error" && typeof parsed.error?.message === "string"
    ? { kind: "error", code: undefined }
    : SILENT;
}

/** A single answer has no place for an error: what is not all of it is a connection that breaks. */
function json(answer: Answer): Verdict {
  if (answer.end === "reset") return answer.status === 0 ? SILENT : { kind: "error", code: undefined };
  const parsed = JSON.parse(answer.text) as { done?: boolean };
  return parsed.done === true ? WHOLE : SILENT;
}

export const NDJSON: TestDialect = {
  name: "NDJSON",
  path: "/api/chat",
  contentType: "application/x-ndjson",
  body: (model) => ({ model, messages }),
  verdict: ndjson,
};

export const OPENAI: TestDialect = {
  name: "OpenAI SSE",
  path: "/v1/chat/completions",
  contentType: "text/event-stream",
  body: (model) => ({ model, messages, stream: true }),
  verdict: openai,
};

export const ANTHROPIC: TestDialect = {
  name: "Anthropic SSE",
  path: "/v1/messages",
  contentType: "text/event-stream",
  body: (model) => ({ model, messages, stream: true, max_tokens: 40 }),
  verdict: anthropic,
};

export const JSON_ANSWER: TestDialect = {
  name: "JSON",
  path: "/api/generate",
  contentType: "application/json; charset=utf-8",
  body: (model) => ({ model, prompt: "hi", stream: false }),
  verdict: json,
};

export const STREAMS = [NDJSON, OPENAI, ANTHROPIC] as const;
export const DIALECTS = [...STREAMS, JSON_ANSWER] as const;
