import type { EventView } from "../../../shared/api/events.ts";
import {
  FEED,
  type FeedNow,
  type FeedPull,
  type FeedRevisions,
  type FeedState,
} from "../../../shared/api/feed.ts";
import type { PairingView } from "../../../shared/api/pairing.ts";
import type { RequestView } from "../../../shared/api/requests.ts";
import type { EventRow } from "../deps.ts";
import { MOST_WAITING } from "../pairing/room.ts";
import { changesOf } from "./changes.ts";
import type { LiveRequests } from "./live-requests.ts";
import type { Recent } from "./recent.ts";
import { fitting, Room } from "./room.ts";
import { PAIRING_BYTES, shortPairing, shortPull, shortRequest } from "./short.ts";
import { type AgentChanges, type AgentSources, ToldAgents } from "./told-agents.ts";
import { ToldRequests } from "./told-requests.ts";

/** What a diff has beside its lists: type, version, time, the gauges and the names of its fields. */
const FRAME_BYTES = 1_000;
/** What the first pass over agents leaves to everything else, bytes; then running requests to what finished; then events. */
const FLOORS = { agents: 32_000, running: 14_000, events: 8_000 };
/** Machines that wait and pulls are few; most bytes of each list. */
const LIST_BYTES = { pairings: MOST_WAITING * PAIRING_BYTES, pulls: 12_000 };
/** An event that takes more is told without its details. */
const MOST_EVENT_BYTES = 4_000;
/** How often the queue in front of each machine is told, ms. */
const QUEUE_MS = 1_000;

export interface FeedSources {
  agents: AgentSources;
  live: LiveRequests;
  requests: Recent<RequestView>;
  events: Recent<EventRow>;
  now(): FeedNow;
  pairings(): PairingView[];
  pulls(): FeedPull[];
  revisions: FeedRevisions;
}

/**
 * What pages in step have been told: the state that every diff goes on from, and every snapshot shows. One for all of them, so
 * that a diff is made once; what changed since is told with the next.
 */
export class Told {
  readonly #sources: FeedSources;
  readonly agents: ToldAgents;
  readonly running: ToldRequests;
  #now: FeedNow | undefined;
  #revisions: FeedRevisions | undefined;
  #pairings: PairingView[] = [];
  #pairingsDirty = false;
  #pulls: FeedPull[] = [];
  #requests = 0;
  #events = 0;
  #queueAt = 0;

  constructor(sources: FeedSources) {
    this.#sources = sources;
    this.agents = new ToldAgents(sources.agents, FEED.diff_chars - FRAME_BYTES - FLOORS.agents);
    this.agents.modelsChanged = () => {
      sources.revisions.models++;
    };
    this.running = new ToldRequests(sources.live);
  }

  markPairings(): void {
    this.#pairingsDirty = true;
  }

  /** Something has changed that no diff had room for. */
  get pending(): boolean {
    return this.agents.pending || this.running.pending || this.#pairingsDirty;
  }

  /** A pull runs, which says nothing when it gets on. */
  get pulls(): boolean {
    return this.#pulls.length > 0;
  }

  /** When time alone changes something, ms; undefined: never. */
  get due(): number | undefined {
    const dues = this.#pairings.map(({ expires_at }) => Date.parse(expires_at));
    if (this.agents.due !== undefined) dues.push(this.agents.due);
    return dues.length === 0 ? undefined : Math.min(...dues);
  }

  clear(): void {
    this.agents.clear();
    this.running.clear();
    this.#pairings = [];
    this.#pairingsDirty = false;
    this.#pulls = [];
  }

  /** Takes everything as it is now. */
  rebuild(now: number): void {
    const sources = this.#sources;
    this.agents.rebuild(now);
    this.running.rebuild();
    this.#pairings = this.#waiting();
    this.#pairingsDirty = false;
    this.#pulls = this.#pulling();
    this.#requests = sources.requests.next;
    this.#events = sources.events.next;
    this.#queueAt = now;
    this.#now = sources.now();
    this.#revisions = { ...sources.revisions };
  }

  /** JSON of what was told so far. */
  snapshot(): string {
    const { requests, events } = this.#sources;
    const state: FeedState = {
      agents: this.agents.rows,
      pairings: this.#pairings,
      now: this.#now ?? this.#sources.now(),
      running: this.running.rows,
      requests: requests.before(this.#requests).map(shortRequest),
      events: events.before(this.#events).map(viewEvent),
      pulls: this.#pulls,
      revisions: this.#revisions ?? this.#sources.revisions,
    };
    return JSON.stringify(state);
  }

  /** The parts of a diff, as JSON with a comma before each; empty: nothing has changed. */
  diff(now: number): string {
    this.agents.markDue(now);
    if (now - this.#queueAt >= QUEUE_MS) {
      this.#queueAt = now;
      this.agents.markQueueing();
    }
    const room = new Room(FEED.diff_chars - FRAME_BYTES);
    const agents: AgentChanges = { changed: [], gone: [] };
    this.agents.tell(agents, room, now, FLOORS.agents);
    const lists = this.#lists(room, now);
    const running = this.running.tell(room, FLOORS.running);
    const events = this.#since(this.#sources.events, this.#events, room, FLOORS.events, viewEvent);
    this.#events = this.#sources.events.next;
    const requests = this.#since(this.#sources.requests, this.#requests, room, 0, shortRequest);
    this.#requests = this.#sources.requests.next;
    this.agents.tell(agents, room, now, 0);
    this.agents.tellQueueing(agents, room, now);
    return [
      part("agents", changesText(agents)),
      lists,
      part("running", changesText(running)),
      part("requests", requests),
      part("events", events),
      this.#figures(),
    ].join("");
  }

  #waiting(): PairingView[] {
    return fitting(this.#sources.pairings().map(shortPairing), LIST_BYTES.pairings);
  }

  #pulling(): FeedPull[] {
    return fitting(this.#sources.pulls().map(shortPull), LIST_BYTES.pulls);
  }

  #lists(room: Room, now: number): string {
    let text = "";
    const over = this.#pairings.some(({ expires_at }) => Date.parse(expires_at) <= now);
    if (this.#pairingsDirty || over) {
      const pairings = this.#waiting();
      const json = JSON.stringify(pairings);
      const same = json === JSON.stringify(this.#pairings);
      this.#pairingsDirty = !same && !room.take(json);
      if (!same && !this.#pairingsDirty) {
        this.#pairings = pairings;
        text += part("pairings", json);
      }
    }
    const pulls = this.#pulling();
    if (pulls.length === 0 && this.#pulls.length === 0) return text;
    const json = JSON.stringify(pulls);
    if (json === JSON.stringify(this.#pulls) || !room.take(json)) return text;
    this.#pulls = pulls;
    return text + part("pulls", json);
  }

  /** Of what is new the newest that fit, oldest first. */
  #since<T>(
    recent: Recent<T>,
    from: number,
    room: Room,
    floor: number,
    view: (item: T) => object,
  ): string | undefined {
    const texts: string[] = [];
    for (const item of recent.since(from).reverse()) {
      const text = JSON.stringify(view(item));
      if (!room.take(text, floor)) break;
      texts.push(text);
    }
    return texts.length === 0 ? undefined : `[${texts.reverse().join(",")}]`;
  }

  #figures(): string {
    const now = this.#sources.now();
    const revisions = { ...this.#sources.revisions };
    const changed = changesOf(this.#now ?? {}, now);
    const revised = changesOf(this.#revisions ?? {}, revisions);
    this.#now = now;
    this.#revisions = revisions;
    return part("now", json(changed)) + part("revisions", json(revised));
  }
}

const json = (value: object | undefined): string | undefined =>
  value === undefined ? undefined : JSON.stringify(value);

function part(name: string, text: string | undefined): string {
  return text === undefined ? "" : `,"${name}":${text}`;
}

function changesText({ changed, gone }: AgentChanges): string | undefined {
  if (changed.length + gone.length === 0) return undefined;
  return `{"changed":[${changed.join(",")}],"gone":[${gone.join(",")}]}`;
}

/** What an operator wrote may be as long as he likes; `GET /api/admin/events` has it all. */
function viewEvent(row: EventRow): EventView {
  // It was written by the recorder, as JSON of an object.
  const short = new Room(MOST_EVENT_BYTES).take(row.detail);
  return { ...row, detail: short ? (JSON.parse(row.detail) as EventView["detail"]) : {} };
}
