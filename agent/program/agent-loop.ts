import type { Agent, Outcome } from "../core/agent.ts";
import { textOf } from "../core/network-error.ts";

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
  #leaving: { forget(): Promise<void>; left: Promise<void> } | undefined;
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
      if (this.#leaving !== undefined) end = await this.#left(this.#leaving.forget);
      if (this.#stopped) break;
      if (this.#again) continue;
      this.#options.ended(end);
      if (!this.#options.attended) return end;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        // Whoever was told of the end may have acted on it there and then.
        if (this.#again || this.#stopped) resolve();
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
    if (this.#leaving !== undefined) return this.#leaving.left;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#leaving = {
      left: promise,
      forget: async () => {
        try {
          await forget();
          resolve();
        } catch (error) {
          reject(error);
          throw error;
        }
      },
    };
    // Told from here on: nobody may wait for it yet when it comes.
    promise.catch(() => {});
    await this.#agent.stop({ graceMs: RESTART_GRACE_MS });
    await promise;
  }

  async stop(options: { graceMs: number }): Promise<void> {
    this.#stopped = true;
    this.#wake();
    await this.#agent?.stop(options);
  }

  async #left(forget: () => Promise<void>): Promise<LoopEnd> {
    try {
      await forget();
      return { type: "logged_out" };
    } catch (error) {
      return { type: "fatal", message: `cannot forget who this machine is: ${textOf(error)}` };
    } finally {
      this.#leaving = undefined;
    }
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
