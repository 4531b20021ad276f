import type { Caller, Outcome } from "../../api.ts";
import type { Ticket } from "../../scheduling/ticket.ts";
import { type Asked, type Bench, uuid } from "../bench.ts";
import { RecordingClient } from "../recording-client.ts";
import type { Step } from "./steps.ts";

const MAX_ATTEMPTS = 3;

/** `cut`: the brain was lost in the middle of the answer. `given up`: it was lost with the last attempt. */
export type Over = Outcome | { kind: "cut" } | { kind: "given up" };

/** A request over all its attempts. */
export interface Journey {
  readonly number: number;
  readonly asks: Extract<Step, { do: "ask" }>;
  /** Id of its key; undefined for the operator. */
  readonly key: string | undefined;
  readonly pinned: string | undefined;
  readonly attempts: Asked[];
  readonly askedAt: number;
  over: Over | undefined;
  endedAt: number;
  /** What its attempt was sent with, or, between two attempts, the next will be. */
  carries: { avoid: string[]; ticket: Ticket | undefined };
  /** Between two attempts: since when, and whether the brain holds its place among its key's. */
  lost: { at: number; held: boolean } | undefined;
  /** Its client left between two attempts. */
  left: boolean;
  /** No row of it is expected in the history, or perhaps none. */
  row: "once" | "never" | "perhaps";
}

/** What sends requests to the brain, and again those that were lost before anybody saw a byte. */
export class Edge {
  readonly journeys: Journey[] = [];
  slow = false;
  readonly #bench: Bench;
  #life = 0;

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  ask(asks: Journey["asks"], key: string | undefined, pinned: string | undefined): Journey {
    const journey: Journey = {
      number: this.journeys.length,
      asks,
      key,
      pinned,
      attempts: [],
      carries: { avoid: [], ticket: undefined },
      askedAt: this.#bench.now(),
      over: undefined,
      endedAt: 0,
      lost: undefined,
      left: false,
      row: "once",
    };
    this.journeys.push(journey);
    this.#attempt(journey);
    return journey;
  }

  static id({ number }: Journey): string {
    return uuid(number);
  }

  /** What its attempts ask Ollama for. */
  static path({ number }: Journey, attempt: number): string {
    return `/api/chat?n=${number}&attempt=${attempt}`;
  }

  /** Not over, and with the brain. */
  get here(): Journey[] {
    return this.unsettled.filter(({ lost }) => lost === undefined);
  }
  get unsettled(): Journey[] {
    return this.journeys.filter(({ over }) => over === undefined);
  }

  #attempt(journey: Journey): void {
    const { asks, key, number, pinned } = journey;
    const { avoid, ticket } = journey.carries;
    const life = this.#life;
    const caller: Caller =
      key === undefined ? { kind: "admin" } : { kind: "key", key_id: key, by_path: false };
    const attempt = journey.attempts.length + 1;
    const talk = asks.talk === undefined ? undefined : [`talk ${asks.talk}`];
    const client = new RecordingClient();
    if (journey.left) client.gone = true;
    journey.lost = undefined;
    const asked = this.#bench.ask(
      {
        id: uuid(number),
        caller,
        path: Edge.path(journey, attempt),
        class: asks.show ? "show" : "infer",
        model: `m${asks.model}`,
        agent: pinned,
        numCtx: asks.numCtx,
        prefixes: talk,
        remember: talk,
        attempt,
        avoid,
        ticket,
        mayRetry: attempt < MAX_ATTEMPTS,
      },
      undefined,
      client,
    );
    journey.attempts.push(asked);
    void asked.outcome.then((outcome) => {
      if (life !== this.#life) return;
      if (outcome.kind !== "lost") this.#end(journey, outcome);
      else {
        journey.carries = { avoid: [...avoid, outcome.agentId ?? ""], ticket: outcome.ticket };
        this.#lose(journey, true);
      }
    });
  }

  #end(journey: Journey, over: Over): void {
    journey.over = over;
    journey.endedAt = this.#bench.now();
    if (over.kind === "cut" || over.kind === "given up") journey.row = "never";
    if (over.kind === "refused" && over.code === "unauthorized") journey.row = "never";
  }

  #lose(journey: Journey, held: boolean): void {
    journey.lost = { at: this.#bench.now(), held };
    if (held && !this.slow) this.#attempt(journey);
  }

  /** Sends all that were lost. */
  send(): void {
    for (const journey of this.unsettled) if (journey.lost !== undefined) this.#attempt(journey);
  }

  leave(journey: Journey): void {
    if (journey.lost === undefined) journey.attempts.at(-1)?.client.leave();
    else journey.left = true;
  }

  /** The brain was lost; `send` is called when there is another. */
  evicted(orderly: boolean, unwrittenMs: number): void {
    this.#life++;
    for (const journey of this.journeys) {
      if (journey.over !== undefined) {
        // What had not reached the history yet is lost with the brain.
        const written = orderly || journey.endedAt <= this.#bench.now() - unwrittenMs;
        if (!written && journey.row === "once") journey.row = "perhaps";
        continue;
      }
      if (journey.lost !== undefined) {
        journey.lost.held = false;
        continue;
      }
      const client = journey.attempts.at(-1)?.client;
      if (client === undefined) continue;
      client.onGone = () => {};
      if (client.journal.length > 0) this.#end(journey, { kind: "cut" });
      else if (journey.attempts.length >= MAX_ATTEMPTS) this.#end(journey, { kind: "given up" });
      else this.#lose(journey, false);
    }
  }
}
