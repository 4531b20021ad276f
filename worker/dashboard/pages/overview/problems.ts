import type { FeedAgent, FeedNow, FeedState } from "../../../../shared/api/feed.ts";

/** Something that a person should look at. `names` are of the machines or models that it is about. */
export type Problem =
  | { kind: "nobody" | "queueFull"; severity: "bad" }
  | { kind: "absent" | "hung" | "offline" | "breaker"; severity: "bad" | "warn"; names: readonly string[] }
  | { kind: "queue" | "outbox" | "errors"; severity: "bad" | "warn" }
  | { kind: "pairing"; severity: "info"; names: readonly string[] };

/** From this share of its places on a queue is called long. */
const LONG_QUEUE = 0.5;
/** Rows that wait for the history database in the normal course of things. */
const USUAL_OUTBOX = 500;
const MANY_ERRORS = 0.1;

/** What is wrong, the worst first. */
export function problemsOf(
  agents: readonly FeedAgent[],
  now: FeedNow,
  pairings: FeedState["pairings"],
): Problem[] {
  const names = (holds: (agent: FeedAgent) => boolean): string[] =>
    agents.filter(holds).map((agent) => agent.name);
  const offline = names((agent) => agent.status === "offline");
  const absent = names((agent) => agent.not_routable_reason === "ollama_absent");
  const hung = names((agent) => agent.not_routable_reason === "ollama_hung");
  const broken = agents.flatMap((agent) =>
    agent.breakers.filter(({ state }) => state !== "closed").map(({ model }) => `${model} · ${agent.name}`),
  );
  const isFull = now.queue_max > 0 && now.waiting >= now.queue_max;
  const isLong = now.queue_max > 0 && now.waiting >= now.queue_max * LONG_QUEUE;
  const found: (Problem | false)[] = [
    agents.length > 0 && !agents.some(({ routable }) => routable) && { kind: "nobody", severity: "bad" },
    isFull && { kind: "queueFull", severity: "bad" },
    absent.length > 0 && { kind: "absent", severity: "bad", names: absent },
    hung.length > 0 && { kind: "hung", severity: "bad", names: hung },
    now.error_rate !== null && now.error_rate >= MANY_ERRORS && { kind: "errors", severity: "bad" },
    broken.length > 0 && { kind: "breaker", severity: "warn", names: broken },
    isLong && !isFull && { kind: "queue", severity: "warn" },
    now.outbox > USUAL_OUTBOX && { kind: "outbox", severity: "warn" },
    offline.length > 0 && { kind: "offline", severity: "warn", names: offline },
    pairings.length > 0 && {
      kind: "pairing",
      severity: "info",
      names: pairings.map(({ machine_name }) => machine_name),
    },
  ];
  return found.filter((one) => one !== false);
}

/** More tiles than this are a wall, not a view: then the busiest are shown. */
export const MOST_TILES = 60;

/** The machines that get a tile, by name. */
export function tilesOf(agents: readonly FeedAgent[]): FeedAgent[] {
  const chosen =
    agents.length <= MOST_TILES
      ? [...agents]
      : agents
          .toSorted(
            (a, b) =>
              b.active_requests - a.active_requests ||
              Number(b.routable) - Number(a.routable) ||
              order(a.name, b.name),
          )
          .slice(0, MOST_TILES);
  return chosen.sort((a, b) => order(a.name, b.name) || order(a.id, b.id));
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
const order = (a: string, b: string): number => collator.compare(a, b);
