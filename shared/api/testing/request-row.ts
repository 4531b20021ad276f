import type { RequestView } from "../requests.ts";

/** A finished request of which nothing is special but what is said. */
export function requestRow(over: Partial<RequestView> = {}): RequestView {
  return {
    id: "00000000-0000-4000-8000-000000000000",
    at: "2026-05-01T00:00:00.000Z",
    endpoint: "/api/chat",
    model: "llama3.2",
    key_id: null,
    key_name: null,
    agent_id: null,
    agent_name: null,
    status: 200,
    error_code: null,
    attempts: 1,
    reason: null,
    queue_ms: 0,
    first_byte_ms: null,
    duration_ms: 1,
    prompt_tokens: null,
    completion_tokens: null,
    load_ms: null,
    prompt_ms: null,
    eval_ms: null,
    request_bytes: 0,
    response_bytes: 0,
    tries: [],
    ...over,
  };
}
