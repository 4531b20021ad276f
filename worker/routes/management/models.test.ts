import { describe, expect, test } from "vitest";
import { bench, tokenOf } from "./testing/bench.ts";
import { modelNamed } from "./testing/fake-cell.ts";

describe("the name in the path", () => {
  test.each([
    ["qwen3", "qwen3"],
    ["qwen3:32b", "qwen3:32b"],
    ["qwen3%3A32b", "qwen3:32b"],
    ["hf.co%2Fx%2Fy:Q4", "hf.co/x/y:Q4"],
    ["hf.co%2fx%2fy%3aQ4", "hf.co/x/y:Q4"],
    ["hf.co/x/y:Q4", "hf.co/x/y:Q4"],
    ["me/placement", "me/placement"],
  ])("%s is %s", async (path, name) => {
    const { ask, world } = await bench();
    const put = await ask("PUT", `/api/admin/models/${path}/placement`, { replicas: 2 });
    expect(put.status).toBe(200);
    expect(await put.json()).toMatchObject({ name });
    await ask("DELETE", `/api/admin/models/${path}/placement`);
    expect(world.journal).toEqual([
      ["putPlacement", name, { replicas: 2 }, "admin"],
      ["deletePlacement", name, "admin"],
    ]);
  });

  test.each(["%00", "a%20b", "..%2f..", "%F0%9F%98%80", "a".repeat(601)])("%s is refused", async (path) => {
    const { ask, world } = await bench();
    const response = await ask("PUT", `/api/admin/models/${path}/placement`, { replicas: 2 });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: "bad_request",
      fields: { name: expect.any(String) },
    });
    expect(world.journal).toEqual([]);
  });
});

describe("a placement", () => {
  test.each([
    [{}, "replicas"],
    [{ replicas: -1 }, "replicas"],
    [{ replicas: 1.5 }, "replicas"],
    [{ replicas: 1_001 }, "replicas"],
    [{ replicas: 1, agents: [] }, "agents"],
    [{ replicas: 1, tags: [""] }, "tags.0"],
    [{ replicas: 1, delete: true }, "delete"],
    [{ replicas: 1, agents: ["nobody"] }, "agents"],
  ])("%j is refused and says that it is %s", async (body, field) => {
    const { ask } = await bench();
    const response = await ask("PUT", "/api/admin/models/m/placement", body);
    expect(response.status).toBe(400);
    expect(Object.keys(((await response.json()) as { fields: object }).fields)).toEqual([field]);
  });

  test("that is not there cannot be deleted", async () => {
    const { ask } = await bench();
    expect((await ask("DELETE", "/api/admin/models/hf.co/x/y:q4/placement")).status).toBe(204);
    expect((await ask("DELETE", "/api/admin/models/none/placement")).status).toBe(404);
  });

  test("is for the admin only, whatever form the name has", async () => {
    const { ask, world } = await bench();
    for (const name of ["m", "x/m", "x%2Fm"]) {
      const response = await ask("DELETE", `/api/admin/models/${name}/placement`, undefined, {
        authorization: `Bearer ${tokenOf("key", 4)}`,
      });
      expect(response.status).toBe(401);
    }
    expect(world.journal).toEqual([]);
  });
});

test("the list is walked by its cursor", async () => {
  const { ask, world } = await bench();
  world.models = ["a:latest", "hf.co/x/y:q4", "z:latest"].map(modelNamed);
  const names: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const path = `/api/admin/models?limit=1${cursor === "" ? "" : `&cursor=${cursor}`}`;
    const page = (await (await ask("GET", path)).json()) as {
      items: { name: string }[];
      next_cursor: string | null;
    };
    names.push(...page.items.map(({ name }) => name));
    cursor = page.next_cursor;
  }
  expect(names).toEqual(["a:latest", "hf.co/x/y:q4", "z:latest"]);
  const bad = await ask("GET", "/api/admin/models?cursor=%20");
  expect(bad.status).toBe(400);
});
