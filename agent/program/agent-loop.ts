import type { Agent, Outcome } from "../core/agent.ts";

/** Running answers of the connection that a change of settings ends. */
const RESTART_GRACE_MS = 10_000;

export type LoopEnd = Outcome | { type: "unconfigured" } | { type: "logged_out" };

type Runs = Pick<Agent, "run" | "stop">;

export interface AgentLoopOptions<A extends Runs> {
  /** undefined: there is no coordinator to join. */
  make(): Promise<A> | A | undefined;
  /** Somebody looks at this agent and can act: an end is not the end of the program. */
  attended: boolean;
  /** Called with each new agent before it runs. */
  begins(agent: A): void;
  /** Called with each agent after it has run. */
  over(agent: A): void;
  /** It is over; the agent runs again when `again` is called. */
  ended(end: LoopEnd): void;
}

/** Runs one agent after another: each is for one coordinator and one identity. */
export class AgentLoop<A extends Runs> {
  readonly #options: AgentLoopOptions<A>;
  #agent: A | undefined;
  #again = false;
  #leaving: (() => Promise<void>) | undefined;
  #stopped = false;
  #wake: () => void = () => {};

  constructor(options: AgentLoopOptions<A>) {
    this.#options = options;
  }

  /** The one that runs. */
  get agent(): A | undefined {
    return this.#agent;
  }

  /** Resolves when it is stopped or, where nobody attends, at the first end. @throws what an agent throws */
  async run(): Promise<LoopEnd> {
    while (!this.#stopped) {
      this.#again = false;
      let end = await this.#runOne();
      if (this.#leaving !== undefined) end = await this.#left(this.#leaving);
      if (this.#stopped) break;
      if (this.#again) continue;
      this.#options.ended(end);
      if (!this.#options.attended) return end;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return { type: "stopped" };
  }

  /** Starts over with what is configured now: at once, or after the one that runs has ended in order. */
  async again(): Promise<void> {
    this.#again = true;
    this.#wake();
    await this.#agent?.stop({ graceMs: RESTART_GRACE_MS });
  }

  /** Ends the agent that runs, and forgets with `forget` who it was. @throws what `forget` throws */
  async leave(forget: () => Promise<void>): Promise<void> {
    if (this.#agent === undefined) {
      await forget();
      this.#options.ended({ type: "logged_out" });
      return;
    }
    const left = Promise.withResolvers<void>();
    this.#leaving = () => forget().then(left.resolve, left.reject);
    await this.#agent.stop({ graceMs: RESTART_GRACE_MS });
    await left.promise;
  }

  async stop(options: { graceMs: number }): Promise<void> {
    this.#stopped = true;
    this.#wake();
    await this.#agent?.stop(options);
  }

  async #left(forget: () => Promise<void>): Promise<LoopEnd> {
    this.#leaving = undefined;
    await forget();
    return { type: "logged_out" };
  }

  async #runOne(): Promise<LoopEnd> {
    const agent = await this.#options.make();
    if (agent === undefined) return { type: "unconfigured" };
    // Other settings meanwhile: this agent would be for the old ones.
    if (this.#stopped || this.#again) return { type: "stopped" };
    this.#agent = agent;
    this.#options.begins(agent);
    try {
      return await agent.run();
    } finally {
      this.#agent = undefined;
      this.#options.over(agent);
    }
  }
}
