import type { Metric } from "../../../shared/api/metrics.ts";
import type { RequestView } from "../../../shared/api/requests.ts";
import { counter, named } from "./family.ts";
import { Histogram, SECONDS } from "./histogram.ts";
import { ModelLabels } from "./model-labels.ts";
import { Tally } from "./tally.ts";
import { UsedBy } from "./used-by.ts";

const MOST_KEYS = 200;
const MOST_AGENTS = 2_000;

/** What finished requests add up to since this life of the coordinator began. */
export class RequestCounters {
  readonly #models: ModelLabels;
  readonly #requests = new Tally("endpoint", "model", "status", "error");
  readonly #tokens = new Tally("model", "kind");
  readonly #byAgent = new UsedBy("agent", MOST_AGENTS);
  readonly #byKey = new UsedBy("key", MOST_KEYS);
  readonly #queue = new Histogram();
  readonly #firstByte = new Histogram();
  readonly #duration = new Histogram();

  /** @param knows whether a name is one of the fleet's models, an alias or a fallback */
  constructor(knows: (canonical: string) => boolean) {
    this.#models = new ModelLabels(knows);
  }

  readonly count = (row: RequestView): void => {
    const model = this.#models.of(row.model);
    const prompt = row.prompt_tokens ?? 0;
    const completion = row.completion_tokens ?? 0;
    this.#requests.add(1, row.endpoint, model, `${Math.floor(row.status / 100)}xx`, row.error_code ?? "");
    this.#tokens.add(prompt, model, "prompt");
    this.#tokens.add(completion, model, "completion");
    if (row.agent_id !== null) this.#byAgent.count(row.agent_id, prompt, completion);
    if (row.key_id !== null) this.#byKey.count(row.key_id, prompt, completion);
    this.#queue.observe(model, row.queue_ms / 1_000);
    if (row.first_byte_ms !== null) this.#firstByte.observe(model, row.first_byte_ms / 1_000);
    this.#duration.observe(model, row.duration_ms / 1_000);
  };

  metrics(names: {
    agent: (id: string) => string | undefined;
    key: (id: string) => string | undefined;
  }): Metric[] {
    const byAgent = this.#byAgent.samples(names.agent);
    const byKey = this.#byKey.samples(names.key);
    return [
      counter("requests_total", "Finished requests of clients.", this.#requests.samples()),
      counter("tokens_total", "Tokens of finished requests.", this.#tokens.samples()),
      counter("agent_requests_total", "Finished requests by machine.", byAgent.requests),
      counter("agent_tokens_total", "Tokens by machine.", byAgent.tokens),
      counter("key_requests_total", "Finished requests by the name of the client's key.", byKey.requests),
      counter("key_tokens_total", "Tokens by the name of the client's key.", byKey.tokens),
      histogram("queue_seconds", "Time that requests waited for a place.", this.#queue),
      histogram("first_byte_seconds", "From arrival to the first byte of the answer.", this.#firstByte),
      histogram("duration_seconds", "From arrival to the end of the answer.", this.#duration),
    ];
  }
}

function histogram(name: string, help: string, of: Histogram): Metric {
  return { type: "histogram", name: named(name), help, bounds: SECONDS, samples: of.samples() };
}
