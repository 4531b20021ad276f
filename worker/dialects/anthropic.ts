import type { DialectError, ErrorFormat } from "./dialect.ts";

/** Error types by status, as Anthropic's API and Ollama's version of it name them (anthropic/anthropic.go). */
const TYPES: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  429: "rate_limit_error",
  503: "overloaded_error",
};

function body({ message, status, requestId }: DialectError): object {
  return {
    type: "error",
    error: { type: TYPES[status] ?? "api_error", message },
    request_id: requestId,
  };
}

export const anthropic: ErrorFormat = {
  body,
  event: (error) => `event: error\ndata: ${JSON.stringify(body(error))}\n\n`,
};
