import { FairLine } from "../../worker/coordinator/scheduling/fair-line.ts";
import type { Grant } from "../../worker/coordinator/scheduling/grant.ts";
import type { Scheduler } from "../../worker/coordinator/scheduling/scheduler.ts";
import type { Ticket } from "../../worker/coordinator/scheduling/ticket.ts";
import { microseconds } from "./micro.ts";
import { modelName, registryOf, schedulerOf, wantOf } from "./selection-fleet.ts";
import { markdown } from "./table.ts";

const LENGTHS = [100, 1_000, 10_000] as const;
const FEW_MODELS = 20;
const MANY_MODELS = 200;
/** Sends one request for every ten that wait. */
const WAITERS_PER_KEY = 10;

export interface Line {
  length: number;
  /** One joins the line and another leaves it from anywhere, µs. */
  join_and_leave_us: number;
  /** A slot becomes free, whose turn it is gets it, and one more joins; 20 models are waited for; µs. */
  turn_us: number;
  /** The same where 200 models are. */
  turn_many_models_us: number;
  /** The same turn where the line is an array in which the next has to be looked for, µs. */
  array_us: number;
}

interface Waiter {
  readonly ticket: Ticket;
}

function joinAndLeave(length: number, enoughMs: number): number {
  const line = new FairLine<Waiter>(() => true);
  const waiters: Waiter[] = [];
  const join = (number: number): Waiter => {
    const waiter = { ticket: { arrived: number, number } };
    const key = Math.floor(number / WAITERS_PER_KEY) % (length / WAITERS_PER_KEY);
    line.add(waiter, modelName(number % FEW_MODELS), { id: `key-${key}`, weight: 1 }, "m", 0);
    return waiter;
  };
  for (let number = 0; number < length; number++) waiters.push(join(number));
  return microseconds(enoughMs, (number) => {
    // A step without a common divisor with the length: they leave from everywhere.
    const place = (number * 37) % length;
    const leaving = waiters[place];
    if (leaving !== undefined) line.remove(leaving);
    waiters[place] = join(length + number);
  });
}

function turns(length: number, models: number, enoughMs: number): number {
  const registry = registryOf({ agents: 10, models, modelsEach: models });
  const scheduler: Scheduler = schedulerOf(registry, "auto");
  const running: Grant[] = [];
  const join = (number: number): void => {
    const want = wantOf(scheduler, number, modelName(number % models));
    scheduler.acquire(want, (decision) => {
      if (decision.kind === "granted") running.push(decision.grant);
    });
  };
  let joined = 0;
  while (scheduler.waiting < length) join(joined++);
  return microseconds(enoughMs, () => {
    running.shift()?.release({ verdict: "success" });
    join(joined++);
  });
}

/** Keys' virtual times and arrivals in one array: whose turn it is has to be looked for. */
function arrayTurns(length: number, enoughMs: number): number {
  const line = Array.from({ length }, (_, number) => ({ time: (number * 7919) % length, number }));
  return microseconds(enoughMs, (number) => {
    let next = 0;
    for (let at = 1; at < line.length; at++) {
      const [a, b] = [line[at], line[next]];
      if (a === undefined || b === undefined) break;
      if (a.time < b.time || (a.time === b.time && a.number < b.number)) next = at;
    }
    const [gone] = line.splice(next, 1);
    line.push({ time: (gone?.time ?? 0) + length, number: length + number });
  });
}

export function measureLine(quick: boolean): Line[] {
  const enoughMs = quick ? 40 : 400;
  return LENGTHS.map((length) => ({
    length,
    join_and_leave_us: joinAndLeave(length, enoughMs),
    turn_us: turns(length, FEW_MODELS, enoughMs),
    turn_many_models_us: turns(length, MANY_MODELS, enoughMs),
    array_us: arrayTurns(length, enoughMs),
  }));
}

/** A hundred times as many that wait: a logarithm doubles, an array's time is a hundredfold. */
export function lineTable(results: readonly Line[]): string {
  const first = results[0];
  const last = results.at(-1);
  const us = (value: number): string => `${value.toFixed(2)} µs`;
  const row = (what: string, pick: (line: Line) => number): string[] => [
    what,
    ...results.map((line) => us(pick(line))),
    first === undefined || last === undefined ? "" : `× ${(pick(last) / pick(first)).toFixed(1)}`,
  ];
  const log = first === undefined || last === undefined ? 0 : Math.log(last.length) / Math.log(first.length);
  return markdown([
    ["requests that wait", ...results.map(({ length }) => length.toLocaleString("en")), "growth"],
    row("one joins, one leaves from anywhere", (line) => line.join_and_leave_us),
    row("a turn: a slot is free, the next has it, one joins; 20 models", (line) => line.turn_us),
    row("a turn, 200 models", (line) => line.turn_many_models_us),
    row("a turn in an array", (line) => line.array_us),
    ["a logarithm", ...results.map(() => ""), `× ${log.toFixed(1)}`],
  ]);
}
