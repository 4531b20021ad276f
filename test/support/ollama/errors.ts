/** Ollama speaks three dialects of error, by route. */
export type Dialect = "native" | "openai" | "anthropic";

const OPENAI: Record<number, string> = { 400: "invalid_request_error", 404: "not_found_error" };

const ANTHROPIC: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  429: "rate_limit_error",
  503: "overloaded_error",
  529: "overloaded_error",
};

const SIGN_IN = "https://ollama.com/connect?name=stand-in&key=c3RhbmQtaW4";

let lastRequest = 0;

export function errorBody(dialect: Dialect, status: number, message: string): string {
  if (dialect === "native") {
    return JSON.stringify(status === 401 ? { error: message, signin_url: SIGN_IN } : { error: message });
  }
  if (dialect === "openai") {
    const type = OPENAI[status] ?? "api_error";
    return JSON.stringify({ error: { message, type, param: null, code: null } });
  }
  const type = ANTHROPIC[status] ?? "api_error";
  const request_id = `req_${(++lastRequest).toString(16).padStart(24, "0")}`;
  return JSON.stringify({ type: "error", error: { type, message }, request_id });
}

/** An error that a handler throws and the server answers in the route's dialect. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
