import { describe, expect, test } from "vitest";
import { CLIENT_ERRORS, type ErrorCode } from "../../shared/api/errors.ts";
import type { Dialect } from "../../shared/api/ollama-routes.ts";
import { errorAnswer, streamError } from "./dialect.ts";

const DIALECTS: Dialect[] = ["native", "openai", "anthropic"];
const CODES = Object.keys(CLIENT_ERRORS) as ErrorCode[];

const bodyOf = (dialect: Dialect, code: ErrorCode): unknown =>
  JSON.parse(errorAnswer(dialect, { code, message: "why" }, "req").body);

describe.each(DIALECTS)("an error answer in %s", (dialect) => {
  test.each(CODES)("%s has its status, its code in a header, and may not run in a browser", (code) => {
    const answer = errorAnswer(dialect, { code, message: "why" }, "req");
    const known: { status: number; retryAfterS?: number } = CLIENT_ERRORS[code];
    expect(answer.status).toBe(known.status);
    expect(answer.headers).toEqual({
      "content-type": "application/json; charset=utf-8",
      "x-coordinator-error": code,
      "x-request-id": "req",
      "x-content-type-options": "nosniff",
      "content-security-policy": "sandbox",
      ...(known.retryAfterS === undefined ? {} : { "retry-after": String(known.retryAfterS) }),
    });
  });

  test("says when to come again as exactly as it is known", () => {
    expect(
      errorAnswer(dialect, { code: "queue_full", message: "", retryAfterS: 42 }, "r").headers["retry-after"],
    ).toBe("42");
  });
});

test.each(CODES)("native %s is Ollama's own shape: a text, and the code beside it", (code) => {
  expect(bodyOf("native", code)).toEqual({ error: "why", code });
});

test.each<[ErrorCode, string]>([
  ["bad_request", "invalid_request_error"],
  ["unauthorized", "authentication_error"],
  ["forbidden", "permission_error"],
  ["model_not_found", "not_found_error"],
  ["queue_full", "rate_limit_error"],
  ["rate_limited", "rate_limit_error"],
  ["no_agents", "api_error"],
  ["agent_lost", "api_error"],
  ["queue_timeout", "api_error"],
  ["internal", "api_error"],
])("openai %s is of type %s", (code, type) => {
  expect(bodyOf("openai", code)).toEqual({ error: { message: "why", type, param: null, code } });
});

test.each<[ErrorCode, string]>([
  ["bad_request", "invalid_request_error"],
  ["unauthorized", "authentication_error"],
  ["forbidden", "permission_error"],
  ["model_not_found", "not_found_error"],
  ["queue_full", "rate_limit_error"],
  ["rate_limited", "rate_limit_error"],
  ["no_agents", "overloaded_error"],
  ["overloaded", "overloaded_error"],
  ["agent_lost", "api_error"],
  ["internal", "api_error"],
])("anthropic %s is of type %s", (code, type) => {
  expect(bodyOf("anthropic", code)).toEqual({
    type: "error",
    error: { type, message: "why" },
    request_id: "req",
  });
});

describe("the end of a stream that cannot go on", () => {
  const error = { code: "agent_lost", message: 'lost "it"\n\nfor good' } as const;
  const end = (dialect: Dialect, contentType: string, cut: boolean): string | undefined =>
    streamError(dialect, contentType, error, "req", cut);

  test.each(["application/x-ndjson", "application/x-ndjson; charset=utf-8"])(
    "%s: one line, never a blank one",
    (type) => {
      const line = '{"error":"lost \\"it\\"\\n\\nfor good","code":"agent_lost"}\n';
      for (const dialect of DIALECTS) {
        expect(end(dialect, type, false)).toBe(line);
        expect(end(dialect, type, true)).toBe(`\n${line}`);
      }
    },
  );

  test.each(["text/event-stream", "text/event-stream; charset=utf-8"])(
    "%s: one event, whole, behind a blank line",
    (type) => {
      for (const dialect of DIALECTS) {
        const whole = end(dialect, type, false) ?? "";
        expect(end(dialect, type, true)).toBe(`\n\n${whole}`);
        expect(whole.endsWith("\n\n")).toBe(true);
        const fields = whole.trimEnd().split("\n");
        expect(fields.filter((field) => field.startsWith("data: "))).toHaveLength(1);
        expect(fields.every((field) => /^(data|event): /.test(field))).toBe(true);
      }
      expect(end("anthropic", type, false)).toMatch(/^event: error\ndata: \{"type":"error"/);
      expect(JSON.parse((end("openai", type, false) ?? "").slice(6))).toMatchObject({
        error: { code: "agent_lost" },
      });
      expect(JSON.parse((end("native", type, false) ?? "").slice(6))).toMatchObject({ code: "agent_lost" });
    },
  );

  test.each(["application/json", "application/octet-stream", "text/plain", ""])(
    "%j: there is no way to say it",
    (type) => {
      for (const dialect of DIALECTS) expect(end(dialect, type, true)).toBeUndefined();
    },
  );
});
