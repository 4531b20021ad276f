import { expect, test } from "vitest";
import { agentNamed } from "../../../../shared/api/testing/feed-parts.ts";
import { allTags, filterMachines } from "./machine-filter.ts";

const agents = [
  agentNamed("Desk", { tags: ["office"], os: "Windows 11", loaded: ["qwen3:8b"] }),
  agentNamed("tower", { tags: ["office", "gpu"], note: "under the stairs", ip_address: "10.0.0.7" }),
  agentNamed("laptop", { status: "offline", routable: false, not_routable_reason: "offline" }),
];
const names = (filter: Partial<Parameters<typeof filterMachines>[1]>): string[] =>
  filterMachines(agents, { text: "", state: "", tag: "", ...filter }).map(({ name }) => name);

test("no filter leaves the very same list, so that nothing is drawn anew", () => {
  expect(filterMachines(agents, { text: " ", state: "nonsense", tag: "" })).toBe(agents);
});

test.each([
  ["desk", ["Desk"]],
  ["QWEN3", ["Desk"]],
  ["stairs 10.0.0.7", ["tower"]],
  ["stairs qwen3", []],
  ["windows", ["Desk"]],
])("the words %j find %j", (text, found) => expect(names({ text })).toEqual(found));

test("states, tags and words narrow together", () => {
  expect(names({ state: "offline" })).toEqual(["laptop"]);
  expect(names({ tag: "office", state: "ready" })).toEqual(["Desk", "tower"]);
  expect(names({ tag: "office", text: "tow" })).toEqual(["tower"]);
  expect(names({ tag: "off" })).toEqual([]);
});

test("each tag is offered once, in order", () => expect(allTags(agents)).toEqual(["gpu", "office"]));
