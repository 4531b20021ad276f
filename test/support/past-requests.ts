import type { RequestView } from "../../shared/api/requests.ts";
import { SqlHistory } from "../../worker/db/history.ts";
import { openHistory } from "../../worker/serve/sqlite/databases.ts";

/** As many as one write takes. */
const BATCH = 100;

const uuid = (group: number, n: number): string =>
  `0000000${group}-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;

/** One request each second before `now`, in the history of a coordinator that has not started yet. */
export async function writePastRequests(file: string, count: number, now = Date.now()): Promise<void> {
  const database = openHistory(file);
  try {
    const history = new SqlHistory(database);
    for (let first = 0; first < count; first += BATCH) {
      const length = Math.min(BATCH, count - first);
      const requests = Array.from({ length }, (_, at) =>
        pastRequest(first + at, now - (count - first - at) * 1_000),
      );
      await history.write({ requests, events: [], samples: [] });
    }
  } finally {
    database.close();
  }
}

function pastRequest(n: number, at: number): RequestView {
  const failed = n % 50 === 0;
  const machine = { agent_id: uuid(1, n % 20), agent_name: `machine-${n % 20}` };
  const attempt = { reason: "loaded", started_ms: 1, first_byte_ms: 200, ended_ms: 3_000 };
  return {
    id: uuid(0, n),
    at: new Date(at).toISOString(),
    endpoint: "/api/chat",
    model: `model-${n % 7}:latest`,
    key_id: uuid(2, n % 5),
    key_name: `key ${n % 5}`,
    ...machine,
    status: failed ? 503 : 200,
    error_code: failed ? "queue_full" : null,
    attempts: 1,
    reason: "loaded",
    queue_ms: n % 10,
    first_byte_ms: 200,
    duration_ms: 3_000,
    prompt_tokens: n % 500,
    completion_tokens: n % 300,
    load_ms: null,
    prompt_ms: 10,
    eval_ms: 2_500,
    request_bytes: 1_000,
    response_bytes: 30_000,
    tries: [{ ...machine, ...attempt, error_code: null }],
  };
}
