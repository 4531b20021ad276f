import type { AgentState } from "../../../shared/protocol/messages.ts";

type Field = keyof AgentState;

/** Knows what the coordinator was told and sends what differs from it. */
export class StateReporter {
  /** False: nobody heard it. */
  readonly #send: (changes: AgentState) => boolean;
  readonly #fields = new Map<Field, { value: unknown; json: string }>();
  readonly #told = new Map<Field, string>();
  #current: AgentState = {};

  constructor(send: (changes: AgentState) => boolean) {
    this.#send = send;
  }

  get current(): Readonly<AgentState> {
    return this.#current;
  }

  /** Takes over the fields given; says nothing yet. */
  set(changes: AgentState): void {
    this.#current = { ...this.#current, ...changes };
    for (const field of Object.keys(changes) as Field[]) {
      this.#fields.set(field, { value: changes[field], json: JSON.stringify(changes[field]) });
    }
  }

  update(changes: AgentState): void {
    this.set(changes);
    this.flush();
  }

  /** Everything, for HELLO: after it the coordinator knows this. */
  full(): AgentState {
    this.#told.clear();
    for (const [field, { json }] of this.#fields) this.#told.set(field, json);
    return { ...this.#current };
  }

  flush(): void {
    const changed = [...this.#fields].filter(([field, { json }]) => this.#told.get(field) !== json);
    if (changed.length === 0) return;
    const changes: AgentState = Object.fromEntries(changed.map(([field, { value }]) => [field, value]));
    if (!this.#send(changes)) return;
    for (const [field, { json }] of changed) this.#told.set(field, json);
  }
}
