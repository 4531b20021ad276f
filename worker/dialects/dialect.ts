import { CLIENT_ERRORS, type ErrorCode } from "../../shared/api/errors.ts";
import type { Dialect } from "../../shared/api/ollama-routes.ts";
import { anthropic } from "./anthropic.ts";
import { native } from "./native.ts";
import { openai } from "./openai.ts";

export interface DialectError {
  code: ErrorCode;
  message: string;
  status: number;
  requestId: string;
}

/** How one API family says that something went wrong. */
export interface ErrorFormat {
  /** Body of an error answer. */
  body(error: DialectError): object;
  /** The same inside a stream of server-sent events, complete with its blank line. */
  event(error: DialectError): string;
}

const FORMATS: Record<Dialect, ErrorFormat> = { native, openai, anthropic };

export interface ErrorAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** An error that the coordinator itself gives, before anything of an answer was sent. */
export function errorAnswer(
  dialect: Dialect,
  error: { code: ErrorCode; message: string; retryAfterS?: number | undefined },
  requestId: string,
): ErrorAnswer {
  const known: { status: number; retryAfterS?: number } = CLIENT_ERRORS[error.code];
  const retryAfterS = error.retryAfterS ?? known.retryAfterS;
  return {
    status: known.status,
    headers: {
      "content-type": "application/json; charset=utf-8",
      "x-coordinator-error": error.code,
      "x-request-id": requestId,
      "x-content-type-options": "nosniff",
      "content-security-policy": "sandbox",
      ...(retryAfterS === undefined ? {} : { "retry-after": String(retryAfterS) }),
    },
    body: JSON.stringify(FORMATS[dialect].body({ ...error, status: known.status, requestId })),
  };
}

/**
 * How a stream that cannot go on ends, by what kind of stream it is: text to send, or undefined when there is no way to
 * say it and the connection has to be reset.
 * @param cut the last byte sent was not the end of a line (of an event)
 */
export function streamError(
  dialect: Dialect,
  contentType: string,
  error: { code: ErrorCode; message: string },
  requestId: string,
  cut: boolean,
): string | undefined {
  const whole = { ...error, status: CLIENT_ERRORS[error.code].status, requestId };
  if (contentType.startsWith("application/x-ndjson")) {
    // Never a blank line: the Python client parses every line as JSON.
    return `${cut ? "\n" : ""}${JSON.stringify(FORMATS.native.body(whole))}\n`;
  }
  if (contentType.startsWith("text/event-stream")) {
    return `${cut ? "\n\n" : ""}${FORMATS[dialect].event(whole)}`;
  }
  return undefined;
}
