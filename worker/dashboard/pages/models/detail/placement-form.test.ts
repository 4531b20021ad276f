import { expect, test } from "vitest";
import { placementForm, placementPut } from "./placement-form.ts";

const agents = [
  { id: "id-1", name: "Tower" },
  { id: "id-2", name: "desk" },
];

test("machines are shown by name and sent by id; what is not known is sent as it was typed", () => {
  const state = { have: 0, pulling: [], missing: 0, problem: null };
  const form = placementForm({ replicas: 2, agents: ["id-1", "gone"], tags: null, state }, agents);
  expect(form).toEqual({ replicas: 2, agents: ["Tower", "gone"], tags: [] });
  expect(placementPut({ ...form, agents: ["tower", "gone"], tags: ["gpu"] }, agents)).toEqual({
    replicas: 2,
    agents: ["id-1", "gone"],
    tags: ["gpu"],
  });
});

test("empty lists mean all machines", () => {
  expect(placementPut(placementForm(null, agents), agents)).toEqual({
    replicas: 1,
    agents: null,
    tags: null,
  });
});

test("none is a wish taken back, whatever else was typed", () => {
  expect(placementPut({ replicas: 0, agents: ["desk"], tags: ["x"] }, agents)).toEqual({ replicas: 0 });
});

test.each([null, -1, 1.5, 1_001])("%s is no number of machines", (replicas) => {
  expect(placementPut({ replicas, agents: [], tags: [] }, agents)).toBeUndefined();
});
