import { Heap } from "./heap.ts";
import { byArrival, type Ticket } from "./ticket.ts";
import type { Share } from "./want.ts";

/** What a key is charged for a request before anybody knows what it costs, until it has ended its first. Cost units. */
const UNKNOWN_COST = 1;
/** How much a request's real cost counts against what its key's requests have cost so far. */
const COST_SHARE = 0.2;
/** Above this number keys that neither wait nor run are forgotten. */
const MOST_IDLE = 1_000;

interface Waiter {
  readonly ticket: Ticket;
}

/** What serves: its virtual time is that at which the last request began there. */
export interface Server {
  present: number;
}

/** One key. */
interface Flow {
  readonly id: string;
  weight: number;
  /** The virtual time, at the machine that it was served by last, at which all it has had will have been paid for by its weight. */
  time: number;
  /** Mean cost of its requests. */
  cost: number | undefined;
  /** Cost of the last that has ended. */
  last: number;
  /** Requests granted and not ended. */
  running: number;
  /** Its lines, by demand. */
  readonly lines: Map<unknown, unknown>;
}

/** What one key waits for in one demand: first come, first served. */
interface Line<W> {
  readonly flow: Flow;
  readonly demand: Demand<W>;
  readonly waiters: Heap<W>;
  /** The virtual time at which its next request begins: the line with the least is served next. */
  time: number;
}

/** All that wait for the same thing: none of them can go when the first cannot. */
export interface Demand<W> {
  readonly key: string;
  /** By turn of their flows. */
  readonly lines: Heap<Line<W>>;
  size: number;
  /** When time alone may change what was decided for its first, ms; set by who decides. */
  until: number;
}

/**
 * Requests that wait, in the order in which keys get their turns: start-time fair queueing (Goyal, Vin and Cheng 1996), whose
 * costs are known only when a request has ended. So a key is charged what its requests have cost on average when one begins,
 * and the difference when it ends (as in the Virtual Token Counter, Sheng et al. 2024). A key that comes back after a pause
 * begins at the present: it neither saves turns up nor owes for them. The present is that of the machines that it waits for:
 * there may be much time on some and little on others, and who comes to a slow one from a fast one, or anew while others use a
 * fast one, would stand behind a flood there until that had used as much.
 *
 * Adding, removing and taking are O(log n) in the requests that wait.
 */
export class FairLine<W extends Waiter> {
  readonly #flows = new Map<string, Flow>();
  readonly #demands = new Map<string, Demand<W>>();
  readonly #places = new Map<W, Line<W>>();
  /** All, by arrival: who waits longest is the first to have waited too long. */
  readonly #byArrival = new Heap<W>((a, b) => byArrival(a.ticket, b.ticket));
  /** The latest virtual time at which a request began anywhere. */
  #now = 0;
  /** With so many flows those that are idle are looked for. */
  #most = MOST_IDLE;

  get length(): number {
    return this.#places.size;
  }

  get demands(): Iterable<Demand<W>> {
    return this.#demands.values();
  }

  /** Who has waited longest. */
  get oldest(): W | undefined {
    return this.#byArrival.first;
  }

  demand(key: string): Demand<W> | undefined {
    return this.#demands.get(key);
  }

  /** Whose turn it is in a demand. */
  next(demand: Demand<W>): W | undefined {
    return demand.lines.first?.waiters.first;
  }

  /** Negative when the first of `a` has its turn before the first of `b`. */
  readonly before = (a: Demand<W>, b: Demand<W>): number => {
    const [first, second] = [a.lines.first, b.lines.first];
    return first === undefined || second === undefined ? 0 : byTurn(first, second);
  };

  /** Keys that are remembered. */
  get flows(): number {
    return this.#flows.size;
  }

  /** @param present the virtual time of the machines that it waits for */
  add(waiter: W, demandKey: string, share: Share, present = this.#now): Demand<W> {
    const flow = this.#flow(share);
    let demand = this.#demands.get(demandKey);
    if (demand === undefined) {
      demand = { key: demandKey, lines: new Heap<Line<W>>(byTurn), size: 0, until: Number.POSITIVE_INFINITY };
      this.#demands.set(demandKey, demand);
    }
    let line = flow.lines.get(demand) as Line<W> | undefined;
    if (line === undefined) {
      const waiters = new Heap<W>((a, b) => byArrival(a.ticket, b.ticket));
      line = { flow, demand, waiters, time: start(flow, present) };
      flow.lines.set(demand, line);
    }
    line.waiters.add(waiter);
    demand.lines.add(line);
    demand.lines.moved(line);
    demand.size++;
    this.#places.set(waiter, line);
    this.#byArrival.add(waiter);
    return demand;
  }

  /** Does nothing for one that is not in the line (any more). */
  remove(waiter: W): void {
    const line = this.#places.get(waiter);
    if (line === undefined) return;
    this.#places.delete(waiter);
    this.#byArrival.remove(waiter);
    line.waiters.remove(waiter);
    const { demand, flow } = line;
    demand.size--;
    if (line.waiters.size > 0) {
      demand.lines.moved(line);
      return;
    }
    demand.lines.remove(line);
    flow.lines.delete(demand);
    if (demand.size === 0) this.#demands.delete(demand.key);
  }

  /**
   * A request of this key begins, from the line or past it while nobody waits.
   * @param demand what it has waited for, while it is still in the line
   * @returns to be called once, with what it has really cost
   */
  charge(share: Share, server: Server = { present: this.#now }, demand?: Demand<W>): (cost: number) => void {
    const flow = this.#flow(share);
    const line = (demand === undefined ? undefined : flow.lines.get(demand)) as Line<W> | undefined;
    const began = line?.time ?? start(flow, server.present);
    server.present = Math.max(server.present, began);
    this.#now = Math.max(this.#now, began);
    flow.time = began;
    const expected = flow.cost ?? UNKNOWN_COST;
    flow.running++;
    this.#advance(flow, expected);
    return (cost) => {
      flow.running--;
      flow.last = cost;
      flow.cost = flow.cost === undefined ? cost : flow.cost * (1 - COST_SHARE) + cost * COST_SHARE;
      this.#advance(flow, cost - expected);
    };
  }

  #advance(flow: Flow, cost: number): void {
    const step = cost / flow.weight;
    flow.time += step;
    for (const line of flow.lines.values() as Iterable<Line<W>>) {
      line.time += step;
      line.demand.lines.moved(line);
    }
  }

  #flow(share: Share): Flow {
    let flow = this.#flows.get(share.id);
    if (flow === undefined) {
      flow = {
        id: share.id,
        weight: share.weight,
        time: 0,
        cost: undefined,
        last: 0,
        running: 0,
        lines: new Map(),
      };
      if (this.#flows.size >= this.#most) this.#sweep();
      this.#flows.set(share.id, flow);
    }
    flow.weight = share.weight;
    return flow;
  }

  /** Each look is paid for by as many new keys. What is forgotten with one that is idle is at most what it had last. */
  #sweep(): void {
    for (const flow of this.#flows.values()) {
      if (flow.running === 0 && flow.lines.size === 0) this.#flows.delete(flow.id);
    }
    this.#most = Math.max(MOST_IDLE, this.#flows.size * 2);
  }

  /**
   * Everybody in the order in which their turns are expected to come, each request costing what its key's have cost so far.
   * O(n log n): for people who look, not for decisions.
   */
  inOrder(demand?: Demand<W>): W[] {
    const turns: { waiter: W; time: number }[] = [];
    for (const each of demand === undefined ? this.#demands.values() : [demand]) {
      for (const { flow, waiters, time } of each.lines) {
        const sorted = [...waiters].sort((a, b) => byArrival(a.ticket, b.ticket));
        const step = (flow.cost ?? UNKNOWN_COST) / flow.weight;
        sorted.forEach((waiter, index) => {
          turns.push({ waiter, time: time + index * step });
        });
      }
    }
    turns.sort((a, b) => a.time - b.time || byArrival(a.waiter.ticket, b.waiter.ticket));
    return turns.map(({ waiter }) => waiter);
  }

  [Symbol.iterator](): Iterator<W> {
    return this.#places.keys();
  }
}

/** Where a key begins that has not waited: at the present, behind what it has had there lately and not what it has had elsewhere. */
function start(flow: Flow, present: number): number {
  const dearest = Math.max(flow.cost ?? UNKNOWN_COST, flow.last);
  const owes = ((flow.running + 1) * dearest) / flow.weight;
  return Math.min(Math.max(flow.time, present), present + owes);
}

function byTurn<W extends Waiter>(a: Line<W>, b: Line<W>): number {
  const turns = a.time - b.time;
  if (turns !== 0) return turns;
  const [first, second] = [a.waiters.first, b.waiters.first];
  return first === undefined || second === undefined ? 0 : byArrival(first.ticket, second.ticket);
}
