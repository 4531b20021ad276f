import { beforeEach, expect, test } from "vitest";
import type { AgentState } from "../../shared/protocol/messages.ts";
import type { MachineSpec, SimModel } from "./fleet.ts";
import { type Answered, Machine } from "./machine.ts";
import { VirtualClock } from "./virtual-clock.ts";

const [A, B, C] = ["a", "b", "c"].map((name): SimModel => ({ name, sizeGb: 5, speed: 1, popularity: 1 }));
if (A === undefined || B === undefined || C === undefined) throw new Error("three models");

let clock: VirtualClock;
let said: AgentState[];
beforeEach(() => {
  clock = new VirtualClock();
  said = [];
});

function machineOf(over: Partial<MachineSpec> = {}): Machine {
  const spec = {
    id: "pc",
    class: "pc",
    tokensPerS: 100,
    prefillPerS: 1_000,
    memoryGb: 10,
    diskGbPerS: 1,
    slots: 4,
    slowdown: 0,
    weight: 1,
    cpuUsage: undefined,
    models: [],
    loaded: [],
    ...over,
  };
  return new Machine(spec, clock, (state) => said.push(state));
}

/** One request of a second's prompt and two seconds' answer; what is said of it, and when, seconds. */
function ask(machine: Machine, model: SimModel): Partial<Answered & { atS: number }> {
  const answered: Partial<Answered & { atS: number }> = {};
  machine.start(model, { prompt: 1_000, completion: 200 }, (result) => {
    Object.assign(answered, result, { atS: clock.now() / 1_000 });
  });
  return answered;
}

const toTheEnd = (): void => clock.run(() => false);

test("a request takes the load, its prompt and its answer", () => {
  const answered = ask(machineOf(), A);
  toTheEnd();
  expect(answered).toEqual({ loadS: 5, answerS: 2, atS: 8 });
});

test("two that ask for one model wait for one load", () => {
  const machine = machineOf();
  const both = [ask(machine, A), ask(machine, A)];
  toTheEnd();
  expect(both.map(({ atS }) => atS)).toEqual([8, 8]);
  expect(machine.coldLoads).toBe(1);
});

test("the model that was not used for longest makes room, and a moment later the machine says so", () => {
  const machine = machineOf({ loaded: [A, B] });
  ask(machine, A);
  toTheEnd();
  ask(machine, C);
  toTheEnd();
  expect(said.map(({ loaded }) => loaded?.map(({ name }) => name))).toEqual([["a"], ["a", "c"]]);
});

test("a model in use is not pushed out: who needs its room waits", () => {
  const machine = machineOf({ memoryGb: 5, loaded: [A] });
  const [first, second] = [ask(machine, A), ask(machine, B)];
  toTheEnd();
  expect(first.atS).toBe(3);
  expect(second).toEqual({ loadS: 8, answerS: 2, atS: 11 });
});

test("those that run at once slow each other down as much as it says", () => {
  const machine = machineOf({ loaded: [A], slowdown: 1 });
  const first = ask(machine, A);
  let second = {};
  clock.after(1_000, () => {
    second = ask(machine, A);
  });
  toTheEnd();
  // 1 s alone, 2 s of work at half the pace; then the other has 1 s left for itself.
  expect(first.atS).toBe(5);
  expect(second).toMatchObject({ atS: 6 });
});

test("a machine that is lost answers nothing, and comes back with nothing in memory", () => {
  const machine = machineOf({ loaded: [A] });
  const lost = [ask(machine, A), ask(machine, B)];
  clock.after(1_000, () => machine.crash());
  toTheEnd();
  expect(lost).toEqual([{}, {}]);
  expect(machine.hello().loaded).toEqual([]);
});
