import type { FeedAgent } from "../../../shared/api/feed.ts";
import type { LoadedModel, Model } from "../../../shared/protocol/messages.ts";
import type { Agent } from "../agent.ts";
import { agentRow } from "./agent-row.ts";
import { changesOf } from "./changes.ts";
import { Room } from "./room.ts";

export interface AgentSources {
  all(): Iterable<Agent>;
  get(id: string): Agent | undefined;
  /** Machines that list a model. */
  holders(model: string): Iterable<Agent>;
  windowMs(): number;
  /** Requests that wait for something that an agent has. */
  queuedFor(agent: Agent): number;
  /** Models that somebody waits for, and how many do. */
  queue(): Iterable<[model: string, waiting: number]>;
}

/** The lists themselves: an agent sends them anew when anything in them has changed. */
interface Lists {
  models: Model[] | undefined;
  loaded: LoadedModel[] | undefined;
}

/** Agents' part of a diff, as JSON. */
export interface AgentChanges {
  changed: string[];
  gone: string[];
}

/**
 * What pages were told of agents, and which have changed since: a look costs what has changed, not what is there. Who has
 * waited longest for a place in a diff comes first.
 */
export class ToldAgents {
  readonly #sources: AgentSources;
  /** No row may be larger, bytes: it would fit into no diff. */
  readonly #mostBytes: number;
  readonly #told = new Map<string, FeedAgent>();
  /** What pages were told last, also those that have gone since: one that comes back asks for models only if it has to. */
  #lists: Map<string, Lists> | undefined;
  readonly #dirty = new Set<string>();
  /** Of these only the number of those who wait has changed: for one request that may be a thousand machines. */
  readonly #queueing = new Set<string>();
  #queue = new Map<string, number>();
  /** When time alone changes what an agent is, ms. */
  readonly #dues = new Map<string, number>();
  /** Lists of models have changed. */
  modelsChanged: () => void = () => {};

  constructor(sources: AgentSources, mostBytes: number) {
    this.#sources = sources;
    this.#mostBytes = mostBytes;
  }

  mark(id: string): void {
    this.#dirty.add(id);
  }

  /** Some are still to be told. */
  get pending(): boolean {
    return this.#dirty.size + this.#queueing.size > 0;
  }

  /** Somebody waits, or did when pages were told. */
  get queues(): boolean {
    return this.#queue.size > 0;
  }

  /** When time alone changes something, ms; undefined: never. */
  get due(): number | undefined {
    return this.#dues.size === 0 ? undefined : Math.min(...this.#dues.values());
  }

  get rows(): FeedAgent[] {
    return [...this.#told.values()];
  }

  clear(): void {
    this.#told.clear();
    this.#dirty.clear();
    this.#queueing.clear();
    this.#queue = new Map();
    this.#dues.clear();
  }

  /** Takes everything as it is now. */
  rebuild(now: number): void {
    this.clear();
    this.#queue = new Map(this.#sources.queue());
    const before = this.#lists;
    const lists = new Map<string, Lists>();
    this.#lists = lists;
    for (const agent of this.#sources.all()) this.#remember(agent, this.#row(agent, now));
    if (before === undefined) return;
    const same = [...lists].every(([id, each]) => sameLists(before.get(id), each));
    if (!same || before.size !== lists.size) this.modelsChanged();
  }

  /** Marks those whose time has come. */
  markDue(now: number): void {
    for (const [id, due] of this.#dues) {
      if (due > now) continue;
      this.#dues.delete(id);
      this.#dirty.add(id);
    }
  }

  /** Marks those for which more or fewer wait than pages were told. */
  markQueueing(): void {
    const queue = new Map(this.#sources.queue());
    for (const model of new Set([...queue.keys(), ...this.#queue.keys()])) {
      if (queue.get(model) === this.#queue.get(model)) continue;
      for (const agent of this.#sources.holders(model)) this.#queueing.add(agent.id);
    }
    this.#queue = queue;
  }

  /** Tells what fits, and leaves `floor` bytes to others; but the first always comes in. */
  tell(changes: AgentChanges, room: Room, now: number, floor: number): void {
    this.#tell(this.#dirty, changes, room, now, floor);
  }

  /** The same, of those of which only the queue has changed. */
  tellQueueing(changes: AgentChanges, room: Room, now: number): void {
    this.#tell(this.#queueing, changes, room, now, 0);
  }

  #tell(marked: Set<string>, { changed, gone }: AgentChanges, room: Room, now: number, floor: number): void {
    let first = true;
    for (const id of marked) {
      const agent = this.#sources.get(id);
      const told = this.#told.get(id);
      const row = agent === undefined ? undefined : this.#row(agent, now);
      const change = row === undefined || told === undefined ? row : changesOf(told, row);
      const text =
        row === undefined
          ? JSON.stringify(id)
          : change === undefined
            ? ""
            : JSON.stringify({ id, ...change });
      if (row === undefined && told === undefined) {
        marked.delete(id);
        continue;
      }
      if (text !== "" && !room.take(text, first ? 0 : floor)) return;
      first = false;
      marked.delete(id);
      if (agent !== undefined && row !== undefined) {
        if (text !== "") changed.push(text);
        if (!sameLists(this.#lists?.get(id), agent.state)) this.modelsChanged();
        this.#remember(agent, row);
      } else {
        gone.push(text);
        this.#told.delete(id);
        this.#lists?.delete(id);
        this.#dues.delete(id);
        this.modelsChanged();
      }
    }
  }

  #row(agent: Agent, now: number): FeedAgent {
    const { row, due } = agentRow(agent, {
      now,
      windowMs: this.#sources.windowMs(),
      queued: this.#sources.queuedFor(agent),
    });
    if (due === undefined) this.#dues.delete(agent.id);
    else this.#dues.set(agent.id, due);
    // What no honest machine has: names of control characters only, say.
    if (new Room(this.#mostBytes).take(JSON.stringify(row))) return row;
    return { ...row, loaded: [], gpu_names: [], breakers: [], note: "" };
  }

  #remember(agent: Agent, row: FeedAgent): void {
    const { models, loaded } = agent.state;
    this.#told.set(agent.id, row);
    this.#lists?.set(agent.id, { models, loaded });
  }
}

function sameLists(before: Lists | undefined, now: Partial<Lists>): boolean {
  return before !== undefined && before.models === now.models && before.loaded === now.loaded;
}
