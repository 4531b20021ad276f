import type { RegisterRequest } from "../../../shared/api/register.ts";
import type { Clock } from "../clock.ts";
import { backoffDelay } from "../connection/backoff.ts";
import { normalBase } from "../coordinator-url.ts";
import type { Identity, IdentityFile } from "../identity/identity-file.ts";
import type { Observe } from "../observer.ts";
import type { ProxyRoute } from "../proxy.ts";
import { type NotPaired, pair } from "./pairing.ts";
import { Patience } from "./patience.ts";
import { register } from "./register.ts";

export interface EnrolOptions {
  coordinatorUrl: string;
  /** Undefined: it asks to be let in, and shows a code. */
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
  | NotPaired
  | { type: "fatal"; message: string };

/** Finds this machine's identity at a coordinator: the stored one, or a new one, however long the network takes. */
export class Enrolment {
  readonly #options: EnrolOptions;
  readonly #deps: EnrolDeps;
  readonly #patience: Patience;

  constructor(options: EnrolOptions, deps: EnrolDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#patience = new Patience(deps.clock);
  }

  stop(): void {
    this.#patience.stop();
  }

  /** @throws IdentityError */
  async run(): Promise<Enrolled> {
    const { coordinatorUrl, joinToken, file } = this.#options;
    const base = normalBase(coordinatorUrl);
    const stored = await file.read();
    if (stored !== undefined && stored.coordinator_url === base)
      return { type: "enrolled", identity: stored };
    // The coordinator shows the agent's token once; a use of the join token, or a person's trouble, would be lost.
    await file.prepare();
    return joinToken === undefined ? this.#pair(base) : this.#register(base, joinToken);
  }

  async #pair(base: string): Promise<Enrolled> {
    const paired = await pair(base, this.#options.machine, { ...this.#deps, patience: this.#patience });
    return paired.type === "paired" ? this.#known(base, paired.agent) : paired;
  }

  async #register(base: string, joinToken: string): Promise<Enrolled> {
    const { clock, observe, proxy, random } = this.#deps;
    const since = clock.now();
    for (let attempt = 0; !this.#patience.over; attempt++) {
      observe({ type: "registering", url: base });
      const machine = this.#options.machine();
      // Not cut short by a stop: the answer may be the only one with the token.
      const registered = await register({ coordinatorUrl: base, joinToken, machine }, { proxy, clock });
      if (registered.ok) return this.#known(base, registered.agent);
      if (!registered.retry) return { type: "fatal", message: registered.message };
      const inMs = backoffDelay({ attempt, failingForMs: clock.now() - since, random: random() });
      observe({ type: "retrying", inMs, reason: registered.message });
      await this.#patience.wait(inMs);
    }
    return { type: "stopped" };
  }

  async #known(base: string, agent: { agent_id: string; agent_token: string }): Promise<Enrolled> {
    const identity: Identity = {
      coordinator_url: base,
      agent_id: agent.agent_id,
      agent_token: agent.agent_token,
      name: this.#options.machine().machine_name,
    };
    await this.#options.file.write(identity);
    this.#deps.observe({ type: "registered", agentId: identity.agent_id });
    return { type: "enrolled", identity };
  }
}
