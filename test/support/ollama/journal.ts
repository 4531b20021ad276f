import type { SeenRequest } from "./types.ts";

const KEPT = 10_000;
/** `seen` is trimmed in steps, since removing the first of 10,000 elements each time is not free. */
const SLACK = 1_000;
/** Parsed bodies may be 1 MiB each: the oldest are forgotten before their requests are. */
const KEPT_BODY_BYTES = 64 * 1024 * 1024;

interface Waiter {
  readonly predicate: (request: SeenRequest) => boolean;
  readonly found: (request: SeenRequest) => void;
}

/** Every request that came, how it ended, and who waits to hear of it. */
export class Journal {
  readonly seen: SeenRequest[] = [];
  readonly totals = { seen: 0, done: 0, aborted: 0 };
  #running = new Set<SeenRequest>();
  #inference = new Set<SeenRequest>();
  maxInFlight = 0;
  #lastId = 0;
  #bodies: SeenRequest[] = [];
  #bodyBytes = 0;
  #waiters = new Set<Waiter>();

  get inFlight(): number {
    return this.#inference.size;
  }

  open(method: string, url: string, headers: SeenRequest["headers"]): SeenRequest {
    const request: SeenRequest = {
      id: ++this.#lastId,
      method,
      url,
      headers,
      bodyBytes: 0,
      startedAt: performance.now(),
      state: "running",
    };
    this.totals.seen++;
    this.seen.push(request);
    this.#running.add(request);
    if (this.seen.length >= KEPT + SLACK) this.seen.splice(0, this.seen.length - KEPT);
    this.changed(request);
    return request;
  }

  /** Marks a request as inference, which is what `inFlight` counts. */
  enter(request: SeenRequest): void {
    this.#inference.add(request);
    if (this.inFlight > this.maxInFlight) this.maxInFlight = this.inFlight;
  }

  keepBody(request: SeenRequest, body: unknown): void {
    request.body = body;
    this.#bodies.push(request);
    this.#bodyBytes += request.bodyBytes;
    if (this.#bodies.length < KEPT + SLACK && this.#bodyBytes <= KEPT_BODY_BYTES) return;
    let forgotten = 0;
    for (const old of this.#bodies) {
      if (this.#bodies.length - forgotten <= KEPT && this.#bodyBytes <= KEPT_BODY_BYTES / 2) break;
      this.#bodyBytes -= old.bodyBytes;
      old.body = undefined;
      forgotten++;
    }
    this.#bodies.splice(0, forgotten);
  }

  settle(request: SeenRequest, state: "done" | "aborted"): void {
    if (request.state !== "running") return;
    request.state = state;
    if (state === "aborted") request.abortedAt = performance.now();
    this.totals[state]++;
    this.#running.delete(request);
    this.#inference.delete(request);
    this.changed(request);
  }

  /** The server itself goes: no client has aborted anything. */
  settleAll(): void {
    for (const request of [...this.#running]) this.settle(request, "done");
  }

  changed(request: SeenRequest): void {
    if (this.#waiters.size === 0) return;
    for (const waiter of this.#waiters) {
      if (!waiter.predicate(request)) continue;
      this.#waiters.delete(waiter);
      waiter.found(request);
    }
  }

  waitFor(predicate: Waiter["predicate"], timeoutMs: number): Promise<SeenRequest> {
    const already = this.seen.find(predicate);
    if (already) return Promise.resolve(already);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        predicate,
        found: (request) => {
          clearTimeout(timer);
          resolve(request);
        },
      };
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(new Error(`no such request within ${timeoutMs} ms; ${this.#describe()}`));
      }, timeoutMs);
      this.#waiters.add(waiter);
    });
  }

  clear(): void {
    this.seen.length = 0;
    this.#bodies = [];
    this.#bodyBytes = 0;
    this.maxInFlight = this.inFlight;
  }

  #describe(): string {
    const last = this.seen.slice(-20).map((r) => `${r.id} ${r.method} ${r.url} ${r.model ?? "-"} ${r.state}`);
    return `seen ${this.seen.length}${last.length > 0 ? `:\n${last.join("\n")}` : ""}`;
  }
}
