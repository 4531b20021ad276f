import { effect, signal } from "@preact/signals";
import { ask } from "../../../lib/api.ts";
import { asApiError } from "../../../lib/api-error.ts";
import { session } from "../../../lib/session.ts";
import { jsonLines } from "./ndjson.ts";
import { BEGUN, type PullProgress, withLine } from "./pull-progress.ts";

export type PullState = "running" | "done" | "failed" | "stopped";

/** A pull that was started here. It lives as long as this tab, whatever page is shown. */
export interface PullJob {
  id: number;
  model: string;
  agentId: string;
  agentName: string;
  state: PullState;
  progress: PullProgress;
  /** Why it failed: Ollama's or the coordinator's words; empty: it could not be reached; absent: the answer broke off. */
  problem: string | undefined;
}

const all = signal<readonly PullJob[]>([]);
const stops = new Map<number, AbortController>();
let next = 1;

// Whoever logs in next sees nothing of what was done before, and it goes on for nobody.
effect(() => {
  if (session.value !== null) return;
  for (const stop of stops.values()) stop.abort();
  all.value = [];
});

/** Oldest first. */
export const pullJobs = all;

function update(id: number, change: Partial<PullJob>): void {
  all.value = all.value.map((job) => (job.id === id ? { ...job, ...change } : job));
}

/** Starts a pull to a machine, unless the same one is under way. */
export function startPull(model: string, agent: { id: string; name: string }): void {
  const same = (job: PullJob): boolean => job.model === model && job.agentId === agent.id;
  if (all.value.some((job) => same(job) && job.state === "running")) return;
  const id = next++;
  const job: PullJob = {
    id,
    model,
    agentId: agent.id,
    agentName: agent.name,
    state: "running",
    progress: BEGUN,
    problem: undefined,
  };
  all.value = [...all.value.filter((one) => !same(one)), job];
  const stop = new AbortController();
  stops.set(id, stop);
  warnBeforeLeaving();
  void run(job, stop.signal).then((end) => {
    stops.delete(id);
    update(id, end);
    warnBeforeLeaving();
  });
}

async function run(job: PullJob, stop: AbortSignal): Promise<Partial<PullJob>> {
  let progress = job.progress;
  try {
    const body = { model: job.model, stream: true };
    const response = await ask("POST", "/api/pull", body, stop, { "x-agent": job.agentId });
    if (response.body === null) return { state: "failed", problem: "" };
    for await (const line of jsonLines(response.body)) {
      progress = withLine(progress, line);
      update(job.id, { progress });
      if (progress.error !== undefined) return { state: "failed", problem: progress.error };
    }
    return progress.done ? { state: "done" } : { state: "failed" };
  } catch (error) {
    if (stop.aborted) return { state: "stopped" };
    const { status, message } = asApiError(error);
    return { state: "failed", problem: status === 0 ? "" : message };
  }
}

/** Ends a pull; what Ollama has loaded stays there, and the next pull goes on from it. */
export function stopPull(id: number): void {
  stops.get(id)?.abort();
}

export function forgetPull(id: number): void {
  if (!stops.has(id)) all.value = all.value.filter((job) => job.id !== id);
}

function keepOpen(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

/** A pull ends with the tab. */
function warnBeforeLeaving(): void {
  if (stops.size > 0) addEventListener("beforeunload", keepOpen);
  else removeEventListener("beforeunload", keepOpen);
}
