import { expect, test } from "vitest";
import { Agent } from "../agent.ts";
import type { AgentSocket } from "../socket.ts";
import { models, storedAgent } from "../testing/bench.ts";
import { FakeSocket } from "../testing/fake-socket.ts";
import { machinesOf } from "../testing/fleet.ts";
import { Tunnel } from "../tunnel.ts";
import { type Assessment, assess, type Fleet } from "./assess.ts";
import type { Want } from "./want.ts";

const NOW = 1_000_000;
const WINDOW = 15_000;

interface Machine {
  id?: string;
  is?: "online" | "offline" | { lostAgo: number };
  has?: string[];
  slots?: number;
  busy?: number;
  draining?: boolean;
  stopping?: boolean;
  yields?: boolean;
  ollama?: "ok" | "absent" | "hung";
  version?: string;
}

const nobody = {
  coordinator: { message: () => {}, closed: () => {} },
  agent: { message: () => {}, closed: () => {} },
  now: () => NOW,
};

function tunnelOf(socket: AgentSocket): Tunnel {
  const tunnel = new Tunnel({
    instanceId: "instance",
    machineHash: "machine",
    connectedAt: 0,
    defer: () => {},
    window: () => 16_384,
    random: () => 0,
  });
  tunnel.socket = socket;
  return tunnel;
}

function machine({ id = "a", is = "online", has = ["m"], ...rest }: Machine = {}): Agent {
  const agent = new Agent(
    storedAgent(id, { draining: rest.draining ?? false, max_concurrency: rest.slots ?? 1 }),
  );
  agent.update({
    models: models(...has),
    ollama: rest.ollama ?? "ok",
    stopping: rest.stopping ?? false,
    yielding: rest.yields === true ? { reason: "paused" } : null,
    ...(rest.version === undefined ? {} : { ollama_version: rest.version }),
  });
  if (is === "online") agent.tunnel = tunnelOf(new FakeSocket(nobody));
  else if (is !== "offline") agent.lostAt = NOW - is.lostAgo;
  agent.inFlight = rest.busy ?? 0;
  return agent;
}

function want(over: Partial<Want> = {}): Want {
  return {
    model: "m:latest",
    since: undefined,
    slot: true,
    pinned: undefined,
    avoid: new Set(),
    ticket: { arrived: NOW, number: 1 },
    share: { id: "key", weight: 1 },
    ...over,
  };
}

function fleetOf(agents: Agent[]): Fleet {
  return { machines: machinesOf(() => agents), now: NOW, windowMs: WINDOW };
}

/** An assessment as one line. */
function told(assessment: Assessment): string {
  switch (assessment.kind) {
    case "choose":
      return `choose ${assessment.free.map(({ agent }) => agent.id).join(",")}${assessment.only ? " (only)" : ""}`;
    case "wait":
      return assessment.until === undefined ? "wait" : `wait ${assessment.until - NOW} ms`;
    case "refuse":
      return assessment.refusal.code;
  }
}

// In the order of the contract's error table: the first row that applies.
test.each<[string, Machine[], Partial<Want>, string]>([
  ["nobody is registered", [], {}, "no_agents"],
  ["all are offline, also where one has the model", [{ is: "offline" }], {}, "no_agents"],
  ["the window of the last one is over", [{ is: { lostAgo: WINDOW } }], {}, "no_agents"],
  ["nobody has the model", [{ has: ["other"] }], {}, "model_not_found"],
  ["nobody has the model, one is coming back", [{ has: [], is: { lostAgo: 1 } }], {}, "model_not_found"],
  ["it is only on an offline one", [{ has: [] }, { id: "b", is: "offline" }], {}, "model_offline"],
  ["its only holder drains", [{ draining: true }], {}, "model_offline"],
  ["its only holder stops", [{ stopping: true }], {}, "model_offline"],
  ["its only holder's owner needs it", [{ yields: true }], {}, "model_offline"],
  ["of two the one that is shared", [{ yields: true }, { id: "b" }], {}, "choose b (only)"],
  [
    "one that comes back was needed by its owner: it is not waited for",
    [{ is: { lostAgo: 1 }, yields: true }],
    {},
    "model_offline",
  ],
  ["pinned to one that its owner needs", [{ yields: true }, { id: "b" }], { pinned: "a" }, "model_offline"],
  ["its only holder has no Ollama", [{ ollama: "absent" }], {}, "model_offline"],
  ["its only holder's Ollama hangs", [{ ollama: "hung" }], {}, "model_offline"],
  ["its only holder is too old for the route", [{ version: "0.9.0" }], { since: "0.13.3" }, "model_offline"],
  ["its only holder is coming back", [{ is: { lostAgo: 5_000 } }], {}, "wait 10000 ms"],
  [
    "two are coming back: the last word is that of the later",
    [{ is: { lostAgo: 9_000 } }, { id: "b", is: { lostAgo: 1_000 } }],
    {},
    "wait 14000 ms",
  ],
  [
    "one that comes back drains: it is not waited for",
    [{ is: { lostAgo: 1 }, draining: true }],
    {},
    "model_offline",
  ],
  [
    "one that comes back is too old for the route: it is not waited for",
    [{ is: { lostAgo: 1 }, version: "0.9.0" }],
    { since: "0.13.3" },
    "model_offline",
  ],
  ["its only holder is busy", [{ busy: 1 }], {}, "wait"],
  [
    "one is busy and one coming back: a slot may come first",
    [{ busy: 1 }, { id: "b", is: { lostAgo: 1 } }],
    {},
    "wait",
  ],
  ["one is free", [{}], {}, "choose a (only)"],
  ["one that takes no slot goes to a busy one", [{ busy: 1 }], { slot: false }, "choose a (only)"],
  ["of two the free one; it is not the only holder", [{ busy: 1 }, { id: "b" }], {}, "choose b"],
  ["more work than slots", [{ busy: 5, slots: 2 }], {}, "wait"],
  ["both are free", [{}, { id: "b" }], {}, "choose a,b"],
  ["one without the model is no candidate", [{ has: ["x"] }, { id: "b" }], {}, "choose b (only)"],
  ["one that is coming back is no candidate", [{}, { id: "b", is: { lostAgo: 1 } }], {}, "choose a (only)"],
  ["the one that lost it is avoided", [{}, { id: "b" }], { avoid: new Set(["a"]) }, "choose b"],
  [
    "the one that lost it is avoided, also when the other is busy",
    [{}, { id: "b", busy: 1 }],
    { avoid: new Set(["a"]) },
    "wait",
  ],
  ["the one that lost it is better than none", [{}], { avoid: new Set(["a"]) }, "choose a (only)"],
  ["pinned to one of two", [{}, { id: "b" }], { pinned: "b" }, "choose b (only)"],
  ["pinned to a busy one", [{}, { id: "b", busy: 1 }], { pinned: "b" }, "wait"],
  ["pinned to one without the model", [{}, { id: "b", has: [] }], { pinned: "b" }, "model_not_found"],
  ["pinned to one that is offline", [{}, { id: "b", is: "offline" }], { pinned: "b" }, "model_offline"],
  ["pinned to one that was removed", [{}], { pinned: "gone" }, "model_not_found"],
])("%s", (_, fleet, asked, expected) => {
  const assessment = assess(want(asked), fleetOf(fleet.map(machine)));
  expect(told(assessment)).toBe(expected);
});

test("a stub of a cloud model is no model", () => {
  const agent = machine({ has: [] });
  agent.update({ models: [{ name: "m", remote_host: "https://ollama.com" }] });
  expect(told(assess(want(), fleetOf([agent])))).toBe("model_not_found");
});

test("without a resume window nobody counts as coming back", () => {
  const fleet = { ...fleetOf([machine({ is: { lostAgo: 0 } }), machine({ id: "b", has: [] })]), windowMs: 0 };
  expect(told(assess(want(), fleet))).toBe("model_offline");
});

test("who waits for a machine that is busy is looked at again when the breaker of another lets somebody try", () => {
  const failing = machine({ id: "a" });
  for (let failure = 0; failure < 5; failure++) failing.replica("m:latest")?.breaker.failed(NOW, false);
  const until = failing.replica("m:latest")?.breaker.until;
  expect(assess(want(), fleetOf([failing, machine({ id: "b", busy: 1 })]))).toEqual({ kind: "wait", until });
});

test("a machine that fails all the time is not waited past for one that may come back", () => {
  const failing = machine({ id: "a" });
  for (let failure = 0; failure < 5; failure++) failing.replica("m:latest")?.breaker.failed(NOW, false);
  expect(told(assess(want(), fleetOf([failing, machine({ id: "b", is: { lostAgo: 0 } })])))).toBe(
    "choose a (only)",
  );
});
