import { FEED, FEED_CLOSE, type FeedRevisions, feedAck } from "../../../shared/api/feed.ts";
import type { RequestView } from "../../../shared/api/requests.ts";
import { PING, PONG } from "../../../shared/protocol/liveness.ts";
import { PROGRAM_VERSION } from "../../../shared/protocol/version.ts";
import type { Agent } from "../agent.ts";
import type { Deps, EventRow, Timer } from "../deps.ts";
import { Gauges } from "./gauges.ts";
import type { LiveRequests } from "./live-requests.ts";
import { MOST_BUFFERED, Page, type PageSocket, type Viewer } from "./page.ts";
import { Recent } from "./recent.ts";
import { revisedBy } from "./revised-by.ts";
import { type FeedSources, Told } from "./told.ts";

/** After quiet, the first change waits so long for those that come with it, ms. */
const TOGETHER_MS = 5;
/** What nobody says when it changes is looked at this often while it does, ms. */
const LOOK_MS = 1_000;
/** A page that has acknowledged nothing for so long is gone, ms. */
const MOST_LAG_MS = 60_000;

export interface FeedOptions {
  deps: Pick<Deps, "clock" | "log">;
  live: LiveRequests;
  agents: FeedSources["agents"];
  pairings: FeedSources["pairings"];
  pulls: FeedSources["pulls"];
  load: () => { running: number; waiting: number; queue_max: number; outbox: number };
  /** Whether the access token with this id is still one. */
  tokenLives: (id: string) => boolean;
  /** A page has come, or the last one has gone. */
  watched: (watched: boolean) => void;
}

/**
 * Everything that open dashboards are told. Without one it keeps the last requests and events and counts, and that is all: no
 * timer, no text. With any number of them a change costs one look at what has changed and one text.
 */
export class Feed {
  readonly #options: FeedOptions;
  readonly #pages = new Map<PageSocket, Page>();
  readonly #told: Told;
  readonly #gauges = new Gauges();
  readonly #requests = new Recent<RequestView>(FEED.requests);
  readonly #events = new Recent<EventRow>(FEED.events);
  readonly #revisions: FeedRevisions;
  /** Whether the engines are simulated; the platform knows. */
  demo = false;
  /** Whether `#told` follows what happens: from the first thing that a page is told to the end of the last page. */
  #follows = false;
  #version = 0;
  #tickedAt = Number.NEGATIVE_INFINITY;
  #timer: { timer: Timer; at: number } | undefined;
  /** The next tick is as early as it may be: another mark changes nothing. */
  #soon = false;

  constructor(options: FeedOptions) {
    this.#options = options;
    // Not from 0 in every life: a page that was there before must not take the first change of this one for one it has seen.
    const first = options.deps.clock.now();
    this.#revisions = { models: first, keys: first, tokens: first, join_tokens: first, settings: first };
    this.#told = new Told({
      agents: options.agents,
      pairings: options.pairings,
      pulls: options.pulls,
      live: options.live,
      requests: this.#requests,
      events: this.#events,
      revisions: this.#revisions,
      now: () => ({
        ...options.load(),
        ...this.#gauges.rates(options.deps.clock.now()),
        total_requests: this.#gauges.total,
      }),
    });
    options.live.changed = (id) => {
      if (this.#pages.size === 0) return;
      this.#told.running.mark(id);
      this.#changed();
    };
  }

  /** Open dashboards. */
  get pages(): number {
    return this.#pages.size;
  }

  // What happens, called by the brain.

  /** Anything that is shown of an agent has changed, or it has come or gone. Called for every grant and every word. */
  touched(agent: Agent): void {
    if (this.#pages.size === 0) return;
    this.#told.agents.mark(agent.id);
    this.#changed();
  }

  finished(row: RequestView): void {
    this.#requests.add(row);
    this.#gauges.finished(row, this.#options.live.get(row.id), this.#options.deps.clock.now());
    this.#changed();
  }

  /** Something that is written down; every change is. */
  happened(row: EventRow): void {
    this.#events.add(row);
    const revised = revisedBy(row.kind);
    if (revised === "pairings") this.#told.markPairings();
    else if (revised !== undefined) this.#revisions[revised]++;
    this.#changed();
  }

  /** A page whose token was revoked must not look on. */
  endToken(tokenId: string): void {
    for (const page of [...this.#pages.values()]) {
      if (page.viewer.token_id === tokenId) this.#end(page, FEED_CLOSE.unauthorized, "the token was revoked");
    }
  }

  /** Whoever signs out in one tab leaves none behind that still shows everything. */
  endSession(sessionId: string): void {
    for (const page of [...this.#pages.values()]) {
      if (page.viewer.session_id === sessionId) this.#end(page, FEED_CLOSE.unauthorized, "signed out");
    }
  }

  // Pages, called by the platform.

  open(socket: PageSocket, viewer: Viewer): void {
    // Revoked after it was checked and before the page came here, where `endToken` finds it.
    if (viewer.token_id !== null && !this.#options.tokenLives(viewer.token_id)) {
      socket.close(FEED_CLOSE.unauthorized, "the token was revoked");
      return;
    }
    socket.remember({ dashboard: viewer });
    this.#pages.set(socket, new Page(socket, viewer, false));
    this.#options.watched(true);
    this.#arm(this.#earliest());
  }

  /**
   * A page that was there before this life of the brain, which slept: nothing has changed, or it would not have slept. So it is told
   * nothing until something does, and everything then.
   */
  restore(socket: PageSocket, viewer: Viewer): void {
    this.#pages.set(socket, new Page(socket, viewer, true));
  }

  message(socket: PageSocket, message: string | Uint8Array): void {
    const page = this.#pages.get(socket);
    if (page === undefined) return;
    if (message === PING) {
      if (socket.buffered() <= MOST_BUFFERED) socket.send(PONG);
      return;
    }
    const ack = typeof message === "string" ? readAck(message) : undefined;
    if (ack === undefined) {
      this.#end(page, FEED_CLOSE.bad_message, "only acknowledgements are understood here");
      return;
    }
    page.acknowledge(ack);
    if (page.wantsSnapshot) this.#arm(this.#earliest());
  }

  /** Ends a page that has sent what the platform already knows to be wrong. */
  refuse(socket: PageSocket, code: number, reason: string): void {
    const page = this.#pages.get(socket);
    if (page !== undefined) this.#end(page, code, reason);
  }

  closed(socket: PageSocket): void {
    if (!this.#pages.delete(socket) || this.#pages.size > 0) return;
    this.#timer?.timer.cancel();
    this.#timer = undefined;
    this.#soon = false;
    this.#follows = false;
    this.#tickedAt = Number.NEGATIVE_INFINITY;
    this.#told.clear();
    this.#options.watched(false);
  }

  #end(page: Page, code: number, reason: string): void {
    this.closed(page.socket);
    page.socket.close(code, reason);
  }

  /** Ends pages that may not or do not look any more; every 10 s. */
  sweep(): void {
    const now = this.#options.deps.clock.now();
    for (const page of [...this.#pages.values()]) {
      if (page.viewer.until !== null && page.viewer.until <= now)
        this.#end(page, FEED_CLOSE.unauthorized, "the session is over");
      else if (page.lagsSince !== undefined && now - page.lagsSince >= MOST_LAG_MS)
        this.#end(page, FEED_CLOSE.lagging, "nothing was acknowledged for a minute");
    }
  }

  #changed(): void {
    if (this.#soon || this.#pages.size === 0) return;
    for (const page of this.#pages.values()) page.wake();
    this.#soon = true;
    this.#arm(this.#earliest());
  }

  /** When the next message may leave. */
  #earliest(): number {
    const now = this.#options.deps.clock.now();
    // A clock that was set back must not silence the feed until it is there again.
    return Math.max(now + TOGETHER_MS, Math.min(this.#tickedAt, now) + FEED.interval_ms);
  }

  #arm(at: number): void {
    if (this.#timer !== undefined && this.#timer.at <= at) return;
    this.#timer?.timer.cancel();
    const timer = this.#options.deps.clock.after(Math.max(0, at - this.#options.deps.clock.now()), () => {
      this.#timer = undefined;
      const now = this.#options.deps.clock.now();
      this.#tickedAt = now;
      this.#soon = false;
      try {
        this.#tick(now);
      } catch (error) {
        // An error of ours must not end a process that serves requests; with the next change everything is told anew.
        this.#options.deps.log.error("dashboards could not be told", { error: String(error) });
        this.#follows = false;
        for (const page of this.#pages.values()) page.lose();
      }
    });
    this.#timer = { timer, at };
  }

  #tick(now: number): void {
    this.#gauges.look(this.#options.live.all(), now);
    if (this.#follows) this.#tellChanges(now);
    else this.#told.rebuild(now);
    this.#follows = true;
    this.#sendSnapshots(now);
    this.#armNext(now);
  }

  #tellChanges(now: number): void {
    const changes = this.#told.diff(now);
    if (changes === "") return;
    const text = `{"type":"diff","version":${++this.#version},"at":"${iso(now)}"${changes}}`;
    for (const page of this.#pages.values()) if (page.inStep) page.diff(this.#version, text, now);
  }

  #sendSnapshots(now: number): void {
    let text: string | undefined;
    for (const page of this.#pages.values()) {
      page.catchUp();
      if (!page.wantsSnapshot) continue;
      text ??= this.#snapshot(now);
      page.snapshot(this.#version, text);
    }
  }

  #snapshot(now: number): string {
    const coordinator = JSON.stringify({ version: PROGRAM_VERSION, demo: this.demo });
    const state = this.#told.snapshot();
    return `{"type":"snapshot","version":${this.#version},"at":"${iso(now)}","coordinator":${coordinator},"state":${state}}`;
  }

  /** The next look: soon for what had no room, later for what changes without a word; none when all is at rest. */
  #armNext(now: number): void {
    const { agents, due, pending, pulls } = this.#told;
    const { live, load } = this.#options;
    if (pending) this.#arm(now + FEED.interval_ms);
    const lags = [...this.#pages.values()].some(({ lagsSince }) => lagsSince !== undefined);
    if (agents.queues || pulls || live.size > 0 || lags || load().outbox > 0) this.#arm(now + LOOK_MS);
    const restsIn = this.#gauges.restsIn(now);
    if (restsIn !== undefined) this.#arm(now + Math.max(FEED.interval_ms, restsIn));
    if (due !== undefined) this.#arm(Math.max(due, now + FEED.interval_ms));
  }
}

const iso = (ms: number): string => new Date(ms).toISOString();

function readAck(text: string): number | undefined {
  try {
    const parsed = feedAck.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data.version : undefined;
  } catch {
    return undefined;
  }
}
