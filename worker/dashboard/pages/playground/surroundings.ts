import { call } from "../../lib/api.ts";
import { session, sessionEnded } from "../../lib/session.ts";
import type { ChatRequest } from "./lib/chat-request.ts";
import type { Surroundings } from "./lib/run-answer.ts";

/** Most that is asked for of a queue: who stands behind these waits anyway. */
const MOST_WAITING = 500;

/** The browser and the coordinator that this page came from. */
export const surroundings: Surroundings = {
  send: async (request, signal) => {
    const response = await fetch(request.path, {
      method: "POST",
      headers: headersOf(request),
      body: JSON.stringify(request.body),
      credentials: "same-origin",
      cache: "no-store",
      signal,
    });
    // Ollama may say 401 for reasons of its own; only the coordinator knows about sessions.
    if (response.headers.get("x-coordinator-error") === "unauthorized") sessionEnded();
    return response;
  },
  queue: (signal) => call("GET /api/admin/queue", { query: { limit: MOST_WAITING }, signal }),
  finished: (id, signal) => call("GET /api/admin/requests/{id}", { params: { id }, signal }),
  now: () => performance.now(),
  nextFrame: (run) => {
    const frame = requestAnimationFrame(run);
    return () => cancelAnimationFrame(frame);
  },
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    }),
};

function headersOf({ headers }: ChatRequest): Record<string, string> {
  return {
    ...headers,
    "x-csrf-token": session.peek()?.csrf_token ?? "",
    // Where there is room for it in the answer, it says where the request stands.
    "x-coordinator-queue-events": "1",
  };
}
