import { type Account, Flow } from "./flow.ts";
import { Heap } from "./heap.ts";
import { Smoothed } from "./smoothed.ts";
import { byArrival, type Ticket } from "./ticket.ts";
import type { Share } from "./want.ts";

/** What a request is taken to cost before any has ended. Cost units. */
const UNKNOWN_COST = 1;
/** So many ordinary requests a key can be behind when it comes, for what it has had. */
const MOST_OWED = 4;
/** Above this number keys that neither wait nor run are forgotten. */
const MOST_IDLE = 1_000;

interface Waiter {
  readonly ticket: Ticket;
}

/** What serves: its virtual time is that at which the last request began there. */
export interface Server {
  present: number;
}

/** What one key waits for in one demand: first come, first served. */
interface Line<W> {
  readonly flow: Flow<Line<W>>;
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
 * costs are known only when a request has ended. So a key is charged what its requests of that kind have cost on average when one
 * begins, and the difference when it ends (as in the Virtual Token Counter, Sheng et al. 2024). A key that comes back after a
 * pause begins at the present: it neither saves turns up nor owes for them.
 *
 * Each machine has a virtual time of its own, and each key an account for each kind of request: what it has had of one says nothing
 * of its turn at another. With one account for all a key that kept an idle machine busy waited for ever at a crowded one.
 *
 * Adding, removing and taking are O(log n) in the requests that wait.
 */
export class FairLine<W extends Waiter, S extends Server = Server> {
  readonly #serves: (server: S, waiter: W) => boolean;
  readonly #flows = new Map<string, Flow<Line<W>>>();
  readonly #demands = new Map<string, Demand<W>>();
  readonly #places = new Map<W, Line<W>>();
  /** All, by arrival: who waits longest is the first to have waited too long. */
  readonly #byArrival = new Heap<W>((a, b) => byArrival(a.ticket, b.ticket));
  /** What requests cost, whoever sends them: a key that is new is taken to be like others, or it had all turns until its first end. */
  readonly #cost = new Smoothed();
  /** With so many flows those that are idle are looked for. */
  #most = MOST_IDLE;

  /** @param serves whether a server may ever serve a waiter */
  constructor(serves: (server: S, waiter: W) => boolean) {
    this.#serves = serves;
  }

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

  /**
   * @param kind as `charge` is told
   * @param present the virtual time of the servers that may serve it
   */
  add(waiter: W, demandKey: string, share: Share, kind: string, present: number): Demand<W> {
    const flow = this.#flow(share);
    let demand = this.#demands.get(demandKey);
    if (demand === undefined) {
      demand = { key: demandKey, lines: new Heap<Line<W>>(byTurn), size: 0, until: Number.POSITIVE_INFINITY };
      this.#demands.set(demandKey, demand);
    }
    let line = flow.lines.get(demand);
    if (line === undefined) {
      const waiters = new Heap<W>((a, b) => byArrival(a.ticket, b.ticket));
      line = { flow, demand, waiters, time: flow.start(kind, present, this.#mostOwed) };
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

  /** @returns what it has waited for; undefined for one that is not in the line (any more) */
  remove(waiter: W): Demand<W> | undefined {
    const line = this.#places.get(waiter);
    if (line === undefined) return undefined;
    this.#places.delete(waiter);
    this.#byArrival.remove(waiter);
    line.waiters.remove(waiter);
    const { demand, flow } = line;
    demand.size--;
    if (line.waiters.size > 0) {
      demand.lines.moved(line);
    } else {
      demand.lines.remove(line);
      flow.lines.delete(demand);
      if (demand.size === 0) this.#demands.delete(demand.key);
    }
    return demand;
  }

  /**
   * A request of this key begins, from the line or past it while nobody waits.
   * @param kind requests of one kind cost alike
   * @param demand what it has waited for, while it is still in the line
   * @returns to be called once, with what it has really cost
   */
  charge(share: Share, server: S, kind: string, demand?: Demand<W>): (cost: number) => void {
    const flow = this.#flow(share);
    const line = demand === undefined ? undefined : flow.lines.get(demand);
    const began = line?.time ?? flow.start(kind, server.present, this.#mostOwed);
    const account = flow.account(kind);
    server.present = Math.max(server.present, began);
    account.server = server;
    account.time = began;
    const expected = this.#expected(account);
    flow.running++;
    this.#advance(flow, server, account, expected);
    return (cost) => {
      flow.running--;
      this.#cost.observe(cost);
      account.cost.observe(cost);
      this.#advance(flow, server, account, cost - expected);
    };
  }

  #expected({ cost }: Account): number {
    return cost.value ?? this.#cost.value ?? UNKNOWN_COST;
  }

  get #mostOwed(): number {
    return MOST_OWED * (this.#cost.value ?? UNKNOWN_COST);
  }

  #advance(flow: Flow<Line<W>>, server: S, account: Account, cost: number): void {
    const step = cost / flow.weight;
    account.time += step;
    for (const line of flow.lines.values()) {
      const { first } = line.waiters;
      if (first === undefined || !this.#serves(server, first)) continue;
      line.time += step;
      line.demand.lines.moved(line);
    }
  }

  #flow(share: Share): Flow<Line<W>> {
    let flow = this.#flows.get(share.id);
    if (flow === undefined) {
      if (this.#flows.size >= this.#most) this.#sweep();
      flow = new Flow();
      this.#flows.set(share.id, flow);
    }
    flow.weight = share.weight;
    return flow;
  }

  /** Each look is paid for by as many new keys. What is forgotten with one that is idle is at most what it had last. */
  #sweep(): void {
    for (const [id, flow] of this.#flows) {
      if (flow.running === 0 && flow.lines.size === 0) this.#flows.delete(id);
    }
    this.#most = Math.max(MOST_IDLE, this.#flows.size * 2);
  }

  /**
   * Everybody in the order in which their turns are expected to come, each request costing what its key's have cost so far.
   * O(n log n): for people who look, not for decisions.
   * @param kindOf as `charge` is told
   */
  inOrder(kindOf: (waiter: W) => string): W[] {
    const turns: { waiter: W; time: number }[] = [];
    for (const { lines } of this.#demands.values()) {
      for (const { flow, waiters, time } of lines) {
        let begins = time;
        for (const waiter of [...waiters].sort((a, b) => byArrival(a.ticket, b.ticket))) {
          turns.push({ waiter, time: begins });
          begins += this.#expected(flow.account(kindOf(waiter))) / flow.weight;
        }
      }
    }
    turns.sort((a, b) => a.time - b.time || byArrival(a.waiter.ticket, b.waiter.ticket));
    return turns.map(({ waiter }) => waiter);
  }

  [Symbol.iterator](): Iterator<W> {
    return this.#places.keys();
  }
}

function byTurn<W extends Waiter>(a: Line<W>, b: Line<W>): number {
  const turns = a.time - b.time;
  if (turns !== 0) return turns;
  const [first, second] = [a.waiters.first, b.waiters.first];
  return first === undefined || second === undefined ? 0 : byArrival(first.ticket, second.ticket);
}
