import { afterAll, beforeAll, expect, test } from "vitest";
import type { ModelView } from "../../shared/api/models.ts";
import { type Fleet, startFleet } from "../support/fleet.ts";
import { onBothHosts } from "../support/hosts/both-hosts.ts";
import { admin, listAgents, until } from "../support/hosts/host.ts";

onBothHosts("models are put where they belong", (startHost) => {
  let fleet: Fleet;

  beforeAll(async () => {
    fleet = await startFleet(
      startHost,
      { name: "attic", ollama: { models: ["tiny"] }, flags: ["--allow-manage"] },
      { name: "cellar", ollama: { models: ["other"], tokenDelayMs: 300 }, flags: ["--allow-manage"] },
    );
  });
  afterAll(() => fleet.stop());

  test("a model that one of two machines has is pulled by the other, and both list it", async () => {
    const { host } = fleet;
    const placed = await admin<ModelView>(host, "PUT", "/api/admin/models/tiny/placement", { replicas: 2 });
    expect(placed).toMatchObject({ name: "tiny:latest", placement: { replicas: 2 } });
    const find = async (): Promise<ModelView | undefined> =>
      (await admin<{ items: ModelView[] }>(host, "GET", "/api/admin/models")).items.find(
        ({ name }) => name === "tiny:latest",
      );
    const pulling = await until("the pull is shown", async () => {
      const found = await find();
      return found?.placement?.state.pulling.some(({ completed }) => completed !== null) === true
        ? found.placement.state.pulling[0]
        : undefined;
    });
    expect(pulling).toMatchObject({
      agent_name: "cellar",
      status: expect.stringMatching(/^pulling /),
      total: expect.any(Number),
    });
    const done = await until("both have it", async () => {
      const found = await find();
      const state = found?.placement?.state;
      return state?.have === 2 && state.pulling.length === 0 ? found : undefined;
    });
    expect(done.placement?.state).toEqual({ have: 2, pulling: [], missing: 0, problem: null });
    expect(done.agents.map(({ name }) => name).sort()).toEqual(["attic", "cellar"]);
    expect(fleet.machine("cellar").ollama.models()).toContain("tiny:latest");
    const pulls = ["attic", "cellar"].map(
      (name) => fleet.machine(name).ollama.seen.filter(({ url }) => url === "/api/pull").length,
    );
    expect(pulls).toEqual([0, 1]);

    // Machines say what they have room for, without which nobody could be chosen well.
    const agents = await until("both have told their disk", async () => {
      const listed = await listAgents(host);
      return listed.every(({ disk_free_mb }) => disk_free_mb !== null) ? listed : undefined;
    });
    for (const { memory_total_mb } of agents) expect(memory_total_mb).toBeGreaterThan(0);
  });
});
