import type { Agent } from "../../worker/coordinator/agent.ts";
import type { Clock } from "../../worker/coordinator/deps.ts";
import type { Registry } from "../../worker/coordinator/registry.ts";
import { storedAgent } from "../../worker/coordinator/testing/bench.ts";
import { connect, disconnect } from "../../worker/coordinator/testing/fleet.ts";
import type { MachineSpec, SimModel } from "./fleet.ts";
import { type Answered, Machine } from "./machine.ts";

/** A request on its way on a machine. */
export interface Flight {
  /** The machine went away with it. */
  lost(): void;
}

/** A machine and what the coordinator knows of it. */
export class Host {
  readonly spec: MachineSpec;
  readonly agent: Agent;
  readonly #machine: Machine;
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #flights = new Map<Flight, number>();
  /** Slots held, added up over time. */
  busyMs = 0;

  /** @param changed it has told the coordinator something that may let a waiting request go */
  constructor(spec: MachineSpec, registry: Registry, clock: Clock, changed: () => void) {
    this.spec = spec;
    this.#clock = clock;
    this.#changed = changed;
    this.agent = registry.add(storedAgent(spec.id, { max_concurrency: spec.slots, weight: spec.weight }));
    this.#machine = new Machine(spec, clock, (state) => {
      this.agent.update(state);
      changed();
    });
    this.#greet();
  }

  get coldLoads(): number {
    return this.#machine.coldLoads;
  }

  #greet(): void {
    this.agent.update(this.#machine.hello());
    connect(this.agent);
  }

  serve(
    flight: Flight,
    model: SimModel,
    tokens: { prompt: number; completion: number },
    done: (answered: Answered) => void,
  ): void {
    this.#flights.set(flight, this.#clock.now());
    if (this.#flights.size > this.spec.slots)
      throw new Error(`${this.spec.id} was given more than its slots`);
    this.#machine.start(model, tokens, (answered) => {
      this.#end(flight);
      done(answered);
    });
  }

  #end(flight: Flight): void {
    this.busyMs += this.#clock.now() - (this.#flights.get(flight) ?? this.#clock.now());
    this.#flights.delete(flight);
  }

  /** @returns what ran on it */
  lose(): Flight[] {
    const flights = [...this.#flights.keys()];
    for (const flight of flights) this.#end(flight);
    this.#machine.crash();
    disconnect(this.agent, this.#clock.now());
    return flights;
  }

  connect(): void {
    this.#greet();
    this.#changed();
  }
}
