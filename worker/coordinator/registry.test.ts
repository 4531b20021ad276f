import { expect, test } from "vitest";
import { Registry } from "./registry.ts";
import { storedAgent } from "./testing/bench.ts";

function registryOf(...names: string[]): Registry {
  const registry = new Registry();
  for (const name of names) registry.add(storedAgent(`id-${name.toLowerCase()}`, { name }));
  return registry;
}

test("a name that is taken gets the first free number, and case makes no difference", () => {
  expect(registryOf().freeName("desk")).toBe("desk");
  expect(registryOf("Desk").freeName("desk")).toBe("desk-2");
  expect(registryOf("desk", "desk-2", "desk-4").freeName("DESK")).toBe("DESK-3");
});

test("a machine cannot be named like the id of another", () => {
  const registry = registryOf("desk");
  expect(registry.freeName("id-desk")).toBe("id-desk-2");
  expect(registry.freeName("ID-DESK")).toBe("ID-DESK-2");
});

test("an agent is found by name without regard to case, and by id", () => {
  const registry = registryOf("Büro PC", "tower");
  const office = registry.get("id-büro pc");
  expect(office).toBeDefined();
  expect(registry.find("BÜRO pc")).toBe(office);
  expect(registry.find("ID-BÜRO PC")).toBe(office);
  expect(registry.find("büro")).toBeUndefined();
});

test("an agent that was removed leaves its name free", () => {
  const registry = registryOf("desk");
  registry.remove("id-desk");
  expect(registry.freeName("desk")).toBe("desk");
  expect(registry.size).toBe(0);
  expect([...registry.all()]).toEqual([]);
});

test("all agents can be walked more than once", () => {
  const all = registryOf("a", "b").all();
  expect([...all].map(({ name }) => name)).toEqual(["a", "b"]);
  expect([...all].map(({ name }) => name)).toEqual(["a", "b"]);
});
