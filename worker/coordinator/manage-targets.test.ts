import { beforeEach, describe, expect, test } from "vitest";
import type { Agent } from "./agent.ts";
import type { Call } from "./api.ts";
import { manageTargets } from "./manage-targets.ts";
import { Registry } from "./registry.ts";
import { models, storedAgent } from "./testing/bench.ts";
import { connect, disconnect } from "./testing/fleet.ts";

const NOW = 1_000_000;
let registry: Registry;

beforeEach(() => {
  registry = new Registry();
});

function machine(
  name: string,
  options: { has?: string[]; owner?: boolean; online?: boolean; busy?: number } = {},
): Agent {
  const agent = registry.add(storedAgent(`id-${name}`, { name }));
  agent.update({ models: models(...(options.has ?? [])) });
  agent.facts = { allow_manage: options.owner ?? true, max_concurrency: undefined, machine_hash: undefined };
  agent.inFlight = options.busy ?? 0;
  if (options.online !== false) connect(agent);
  return agent;
}

function call(endpoint: string, over: Partial<Call> = {}): Call {
  return {
    id: "r",
    caller: { kind: "admin" },
    method: "POST",
    endpoint,
    class: "manage",
    dialect: "native",
    since: undefined,
    path: endpoint,
    model: "m",
    agent: undefined,
    headers: [],
    contentLength: 2,
    attempt: 1,
    avoid: [],
    ticket: undefined,
    mayRetry: false,
    ...over,
  };
}

/** The decision as one line. */
function told(endpoint: string, over: Partial<Call> = {}): string {
  const targets = manageTargets(call(endpoint, over), registry, NOW, 15_000);
  if (targets.kind === "refused") return `${targets.code}: ${targets.message}`;
  return `${targets.agents.map(({ name }) => name).join(",")} (${targets.reason}${targets.merged ? ", merged" : ""})`;
}

describe("a named machine", () => {
  beforeEach(() => {
    machine("a");
    machine("b", { owner: false });
    disconnect(machine("c"), NOW);
  });
  test.each([
    ["a", "a (pinned)"],
    ["A", "a (pinned)"],
    ["id-a", "a (pinned)"],
    ["b", "forbidden: the owner of machine 'b' does not allow administration"],
    ["c", "model_offline: machine 'c' is offline"],
    ["z", "bad_request: X-Agent: there is no agent 'z'"],
  ])("%s", (agent, expected) => {
    expect(told("/api/pull", { agent })).toBe(expected);
  });
});

describe("all machines", () => {
  test("are those that are online and whose owners allow it", () => {
    machine("a");
    machine("b", { owner: false });
    machine("c", { online: false });
    machine("d");
    expect(told("/api/pull", { agent: "*" })).toBe("a,d (pinned, merged)");
    expect(told("/api/delete", { agent: "*" })).toBe("a,d (pinned)");
    expect(told("/api/blobs/:digest", { agent: "*" })).toMatch(/^bad_request: .*name one machine/);
  });
});

test.each([undefined, "*"])("nobody online, or nobody who allows it (X-Agent: %s)", (agent) => {
  expect(told("/api/pull", { agent })).toBe("no_agents: no machine is online");
  machine("a", { owner: false });
  expect(told("/api/pull", { agent })).toBe("forbidden: no machine that is online may be administered");
});

test("a pull goes to the least busy machine that lacks the model, or the least busy of all", () => {
  machine("a", { has: ["m"] });
  machine("b", { busy: 2 });
  machine("c", { busy: 1 });
  expect(told("/api/pull")).toBe("c (least-loaded)");
  expect(told("/api/pull", { model: "M:latest" })).toBe("c (least-loaded)");
  registry.remove("id-b");
  registry.remove("id-c");
  expect(told("/api/pull")).toBe("a (least-loaded)");
});

test("delete and copy go to every machine that has the model, else they are not found in Ollama's words", () => {
  machine("a", { has: ["m:latest"] });
  machine("b");
  machine("c", { has: ["M"] });
  expect(told("/api/delete")).toBe("a,c (only-holder)");
  expect(told("/api/copy")).toBe("a,c (only-holder)");
  expect(told("/api/delete", { model: "x" })).toBe("model_not_found: model 'x' not found");
  expect(told("/api/copy", { model: "x" })).toBe('model_not_found: model "x" not found');
});

describe("blobs and create", () => {
  const byKey = (id: string): Partial<Call> => ({ caller: { kind: "key", key_id: id, by_path: false } });

  test("of one key land on one machine, and stay there when another leaves", () => {
    for (const name of ["a", "b", "c"]) machine(name);
    const first = told("/api/blobs/:digest", byKey("k"));
    expect(told("/api/create", byKey("k"))).toBe(first);
    const other = ["a", "b", "c"].find((name) => !first.startsWith(name));
    registry.remove(`id-${other}`);
    expect(told("/api/create", byKey("k"))).toBe(first);
  });

  test("of many keys are spread over the machines", () => {
    for (const name of ["a", "b", "c"]) machine(name);
    const chosen = Array.from({ length: 60 }, (_, index) => told("/api/create", byKey(`key-${index}`)));
    for (const name of ["a", "b", "c"]) {
      expect(chosen.filter((line) => line.startsWith(name)).length).toBeGreaterThan(5);
    }
  });
});
