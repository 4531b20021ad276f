import type { DialectError, ErrorFormat } from "./dialect.ts";

/** OpenAI's: `type` as Ollama's own OpenAI routes fill it (openai/openai.go). */
function body({ message, code, status }: DialectError): { error: object } {
  return { error: { message, type: typeOf(status), param: null, code } };
}

function typeOf(status: number): string {
  if (status === 404) return "not_found_error";
  if (status === 401) return "authentication_error";
  if (status === 403) return "permission_error";
  if (status === 429) return "rate_limit_error";
  return status < 500 ? "invalid_request_error" : "api_error";
}

export const openai: ErrorFormat = {
  body,
  event: (error) => `data: ${JSON.stringify(body(error))}\n\n`,
};
