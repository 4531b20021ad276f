import { batch, computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { FeedAgent, FeedMessage, FeedState } from "../../../shared/api/feed.ts";
import { applyFeed, EMPTY_FEED } from "../../../shared/api/feed-apply.ts";
import { call } from "./api.ts";
import { clockOffset } from "./clock.ts";
import { remember, type Sample, seeded } from "./feed-history.ts";
import { type FeedConnection, FeedSocket } from "./feed-socket.ts";
import { session } from "./session.ts";

const shown = signal<FeedState>(EMPTY_FEED);
const arrived = signal(false);
const link = signal<FeedConnection>({ state: "connecting" });
const about = signal<{ version: string; demo: boolean } | undefined>(undefined);
const hour = signal<readonly Sample[]>([]);
/** How often the feed came back. */
const returns = signal(0);

/** What the coordinator tells by itself, one signal for each part; at most one change for each frame of the screen. */
export const feed = {
  /** Whether a first snapshot has come: before that an empty list means nothing. */
  ready: arrived as ReadonlySignal<boolean>,
  connection: link as ReadonlySignal<FeedConnection>,
  /** Its release, and whether its engines are simulated. */
  coordinator: about as ReadonlySignal<{ version: string; demo: boolean } | undefined>,
  agents: computed(() => shown.value.agents),
  now: computed(() => shown.value.now),
  running: computed(() => shown.value.running),
  /** Finished, newest first. */
  requests: computed(() => shown.value.requests),
  /** Newest first. */
  events: computed(() => shown.value.events),
  pairings: computed(() => shown.value.pairings),
  pulls: computed(() => shown.value.pulls),
  revisions: computed(() => shown.value.revisions),
  /** The last hour, a sample each 10 s, oldest first. */
  hour: hour as ReadonlySignal<readonly Sample[]>,
};

export const agentsById: ReadonlySignal<ReadonlyMap<string, FeedAgent>> = computed(
  () => new Map(feed.agents.value.map((agent) => [agent.id, agent])),
);

/**
 * Another value when a list changes that the feed does not carry: a dependency for `useResource`. Also when the feed is back
 * after an interruption: a coordinator that began anew counts from nothing again, and an equal number would mean nothing.
 */
export function revision(name: keyof FeedState["revisions"]): ReadonlySignal<string> {
  return computed(() => `${returns.value}-${shown.value.revisions[name]}`);
}

let latest: FeedState = EMPTY_FEED;
let frame: number | undefined;

function take(message: FeedMessage): void {
  latest = applyFeed(latest, message);
  const at = Date.parse(message.at);
  batch(() => {
    // Small differences are the way here; a clock that really is off is not.
    const offset = at - Date.now();
    clockOffset.value = Math.abs(offset) < 2_000 ? 0 : offset;
    const isBack = message.type === "snapshot" && arrived.peek();
    if (isBack) returns.value++;
    if (message.type === "snapshot") {
      about.value = message.coordinator;
      arrived.value = true;
    }
    if (message.type === "snapshot" || message.now !== undefined) {
      hour.value = remember(hour.value, latest.now, at, isBack);
    }
  });
  if (message.type === "snapshot") show();
  else frame ??= requestAnimationFrame(show);
}

function show(): void {
  if (frame !== undefined) cancelAnimationFrame(frame);
  frame = undefined;
  shown.value = latest;
}

let socket: FeedSocket | undefined;

/** Tries again at once. */
export const retryFeed = (): void => socket?.retryNow();

/** Follows the session: a connection while there is one. */
export function runFeed(): void {
  const isIn = computed(() => session.value !== null && session.value !== undefined);
  effect(() => {
    if (!isIn.value) return undefined;
    socket = new FeedSocket({
      open: () => new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws/dashboard`),
      onMessage: take,
      onConnection: (connection) => {
        link.value = connection;
      },
      // A socket does not say why it was refused; the session route does, and a 401 there ends the session.
      onRefused: () => void call("GET /api/admin/session").catch(() => undefined),
    });
    void seed();
    return () => {
      socket?.stop();
      socket = undefined;
      latest = EMPTY_FEED;
      batch(() => {
        show();
        arrived.value = false;
        hour.value = [];
        link.value = { state: "connecting" };
      });
    };
  });
  addEventListener("online", retryFeed);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) retryFeed();
  });
}

async function seed(): Promise<void> {
  const metric = ["requests", "errors", "completion_tokens", "first_byte_ms_p50", "queue_ms_p50"] as const;
  try {
    const view = await call("GET /api/admin/stats/series", { query: { metric, range: "1h", step: 60 } });
    hour.value = seeded(hour.value, view);
  } catch {
    // The history database may be away: the lines begin when the page was opened.
  }
}
