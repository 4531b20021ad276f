import type { Agent } from "../agent.ts";
import type { Grant } from "../scheduling/grant.ts";
import { Scheduler } from "../scheduling/scheduler.ts";
import { FakeClock } from "./fake-clock.ts";
import { machinesOf } from "./fleet.ts";

/** A request of a key that holds its place for some time, as what it costs. */
export interface Job {
  readonly number: number;
  readonly key: string;
  /** Canonical name. */
  readonly model: string;
  /** When it comes, ms after the beginning. */
  readonly at: number;
  readonly ms: number;
}

/** The scheduler over machines in virtual time: who comes, who waits, who begins. */
export class FairRun {
  readonly clock = new FakeClock(0);
  readonly began: { job: Job; waitedMs: number }[] = [];
  readonly waiting = new Set<Job>();
  /** Called whenever somebody has come or begun. */
  changed: (run: FairRun) => void = () => {};
  readonly #served = new Map<string, number>();
  readonly #scheduler: Scheduler;
  readonly #weights: Readonly<Record<string, number>>;

  constructor(agents: readonly Agent[], weights: Readonly<Record<string, number>>) {
    this.#weights = weights;
    this.#scheduler = new Scheduler({
      clock: this.clock,
      machines: machinesOf(() => agents),
      strategy: () => "least-loaded",
      queue: () => ({ max_length: 100_000, timeout_s: 86_400 }),
      windowMs: () => 0,
    });
  }

  weight(key: string): number {
    return this.#weights[key] ?? 1;
  }

  /** All come at their times, and all are served. */
  async run(jobs: readonly Job[]): Promise<void> {
    for (const job of jobs) this.clock.after(job.at, () => this.#come(job));
    await this.clock.drain(Number.MAX_SAFE_INTEGER);
  }

  #come(job: Job): void {
    const came = this.clock.now();
    this.waiting.add(job);
    this.changed(this);
    const want = {
      model: job.model,
      since: undefined,
      slot: true,
      pinned: undefined,
      avoid: new Set<string>(),
      ticket: this.#scheduler.ticket(),
      share: { id: job.key, weight: this.weight(job.key) },
    };
    this.#scheduler.acquire(want, (decision) => {
      if (decision.kind === "refused") throw new Error(`refused: ${decision.refusal.code}`);
      this.#begin(job, decision.grant, this.clock.now() - came);
    });
  }

  #begin(job: Job, grant: Grant, waitedMs: number): void {
    this.began.push({ job, waitedMs });
    this.#served.set(job.key, this.served(job.key) + job.ms / 1_000 / this.weight(job.key));
    this.changed(this);
    this.waiting.delete(job);
    this.changed(this);
    this.clock.after(job.ms, () => grant.release({ verdict: "success" }));
  }

  /** Seconds of places that a key has got, by its weight; each counted when it begins. */
  served(key: string): number {
    return this.#served.get(key) ?? 0;
  }

  waits(key: string): boolean {
    for (const job of this.waiting) if (job.key === key) return true;
    return false;
  }
}
