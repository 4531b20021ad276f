/** Every error that the coordinator itself gives to a client, with its status and whether to come again. */
export const CLIENT_ERRORS = {
  unauthorized: { status: 401 },
  forbidden: { status: 403 },
  bad_request: { status: 400 },
  no_agents: { status: 503, retryAfterS: 5 },
  model_not_found: { status: 404 },
  model_offline: { status: 503, retryAfterS: 15 },
  queue_full: { status: 429, retryAfterS: 5 },
  /** A limit of the key; when it frees is in the answer. */
  rate_limited: { status: 429 },
  queue_timeout: { status: 504, retryAfterS: 10 },
  overloaded: { status: 503, retryAfterS: 5 },
  agent_lost: { status: 502 },
  ollama_unreachable: { status: 502 },
  ollama_cut: { status: 502 },
  ollama_timeout: { status: 504 },
  internal: { status: 500 },
  not_configured: { status: 503 },
} as const satisfies Record<string, { status: number; retryAfterS?: number }>;

export type ErrorCode = keyof typeof CLIENT_ERRORS;

export interface ClientError {
  code: ErrorCode;
  message: string;
}
