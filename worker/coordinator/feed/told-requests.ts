import { FEED, type FeedRunning } from "../../../shared/api/feed.ts";
import { changesOf } from "./changes.ts";
import { type LiveRequests, runningRow } from "./live-requests.ts";
import type { Room } from "./room.ts";

/** What pages were told of requests that wait and run: of the oldest ones, one by one. */
export class ToldRequests {
  readonly #live: LiveRequests;
  readonly #told = new Map<string, FeedRunning>();
  readonly #dirty = new Set<string>();

  constructor(live: LiveRequests) {
    this.#live = live;
  }

  mark(id: string): void {
    this.#dirty.add(id);
  }

  get pending(): boolean {
    return this.#dirty.size > 0;
  }

  /** Oldest first. */
  get rows(): FeedRunning[] {
    return [...this.#told.values()].sort((a, b) => compare(a.at, b.at) || compare(a.id, b.id));
  }

  clear(): void {
    this.#told.clear();
    this.#dirty.clear();
  }

  rebuild(): void {
    this.clear();
    for (const live of this.#live.all()) {
      if (this.#told.size === FEED.running) break;
      this.#told.set(live.call.id, runningRow(live));
    }
  }

  /** JSON of what has changed, as much as fits; what does not comes with the next. */
  tell(room: Room, floor: number): { changed: string[]; gone: string[] } {
    const changed: string[] = [];
    const gone: string[] = [];
    const full = this.#tellKnown(changed, gone, room, floor);
    if (!full) this.#tellNew(changed, room, floor);
    return { changed, gone };
  }

  /** @returns whether there was no room for all */
  #tellKnown(changed: string[], gone: string[], room: Room, floor: number): boolean {
    for (const id of this.#dirty) {
      const told = this.#told.get(id);
      const live = this.#live.get(id);
      if (told === undefined) {
        // One that came is found below, where there is a place for it.
        this.#dirty.delete(id);
        continue;
      }
      const row = live === undefined ? undefined : runningRow(live);
      const change = row === undefined ? undefined : changesOf(told, row);
      const text = row === undefined ? JSON.stringify(id) : JSON.stringify({ id, ...change });
      if (row !== undefined && change === undefined) {
        this.#dirty.delete(id);
        continue;
      }
      if (!room.take(text, floor)) return true;
      this.#dirty.delete(id);
      if (row === undefined) {
        gone.push(text);
        this.#told.delete(id);
      } else {
        changed.push(text);
        this.#told.set(id, row);
      }
    }
    return false;
  }

  #tellNew(changed: string[], room: Room, floor: number): void {
    if (this.#told.size >= Math.min(FEED.running, this.#live.size)) return;
    for (const live of this.#live.all()) {
      const { id } = live.call;
      if (this.#told.has(id)) continue;
      const row = runningRow(live);
      const text = JSON.stringify(row);
      if (!room.take(text, floor)) {
        this.#dirty.add(id);
        return;
      }
      changed.push(text);
      this.#told.set(id, row);
      if (this.#told.size === FEED.running) return;
    }
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
