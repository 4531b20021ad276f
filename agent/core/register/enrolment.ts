import type { RegisterRequest } from "../../../shared/api/register.ts";
import type { Clock } from "../clock.ts";
import { backoffDelay } from "../connection/backoff.ts";
import { normalBase } from "../coordinator-url.ts";
import type { Identity, IdentityFile } from "../identity/identity-file.ts";
import type { Observe } from "../observer.ts";
import type { ProxyRoute } from "../proxy.ts";
import { register } from "./register.ts";

export interface EnrolOptions {
  coordinatorUrl: string;
  joinToken: string | undefined;
  file: IdentityFile;
  /** Asked at each attempt: what Ollama is may become known meanwhile. */
  machine(): RegisterRequest;
}

export interface EnrolDeps {
  clock: Clock;
  random(): number;
  proxy: ProxyRoute;
  observe: Observe;
}

export type Enrolled =
  | { type: "enrolled"; identity: Identity }
  | { type: "stopped" }
  | { type: "needs_join_token"; message: string }
  | { type: "fatal"; message: string };

/** Finds this machine's identity at a coordinator: the stored one, or a new one, however long the network takes. */
export class Enrolment {
  readonly #options: EnrolOptions;
  readonly #deps: EnrolDeps;
  #stopped = false;
  #wake: () => void = () => {};

  constructor(options: EnrolOptions, deps: EnrolDeps) {
    this.#options = options;
    this.#deps = deps;
  }

  stop(): void {
    this.#stopped = true;
    this.#wake();
  }

  /** @throws IdentityError */
  async run(): Promise<Enrolled> {
    const { coordinatorUrl, joinToken, file } = this.#options;
    const base = normalBase(coordinatorUrl);
    const stored = await file.read();
    if (stored !== undefined && stored.coordinator_url === base)
      return { type: "enrolled", identity: stored };
    if (joinToken === undefined) {
      const elsewhere = stored === undefined ? "" : ` (it is registered at ${stored.coordinator_url})`;
      return {
        type: "needs_join_token",
        message: `this machine is not registered at ${base} yet${elsewhere}: give a join token with JOIN_TOKEN or --join-token`,
      };
    }
    return this.#register(base, joinToken);
  }

  async #register(base: string, joinToken: string): Promise<Enrolled> {
    const { clock, observe, proxy, random } = this.#deps;
    // The coordinator shows the agent's token once, and a use of the join token would be gone.
    await this.#options.file.prepare();
    const since = clock.now();
    for (let attempt = 0; !this.#stopped; attempt++) {
      observe({ type: "registering", url: base });
      const machine = this.#options.machine();
      const registered = await register({ coordinatorUrl: base, joinToken, machine }, { proxy, clock });
      if (registered.ok) {
        const { agent_id, agent_token } = registered.agent;
        const identity = { coordinator_url: base, agent_id, agent_token, name: machine.machine_name };
        await this.#options.file.write(identity);
        observe({ type: "registered", agentId: agent_id });
        return { type: "enrolled", identity };
      }
      if (!registered.retry) return { type: "fatal", message: registered.message };
      const inMs = backoffDelay({ attempt, failingForMs: clock.now() - since, random: random() });
      observe({ type: "retrying", inMs, reason: registered.message });
      await this.#wait(inMs);
    }
    return { type: "stopped" };
  }

  #wait(ms: number): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#deps.clock.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
