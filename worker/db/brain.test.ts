import { DatabaseSync } from "node:sqlite";
import { beforeEach, expect, test } from "vitest";
import { Coordinator } from "../coordinator/coordinator.ts";
import { Recorder } from "../coordinator/recorder.ts";
import { fakeDeps, models } from "../coordinator/testing/bench.ts";
import { FakeAgent } from "../coordinator/testing/fake-agent.ts";
import { turn } from "../coordinator/testing/turn.ts";
import { releaseMigrations } from "../serve/release.ts";
import { nodeDatabase } from "../serve/sqlite/node-database.ts";
import { NodeStorage } from "../serve/sqlite/node-storage.ts";
import { SqlHistory } from "./history.ts";
import { migrate } from "./migrate.ts";
import { SqlStore } from "./store.ts";

let database: DatabaseSync;
let away: boolean;
let base: ReturnType<typeof fakeDeps>;

/** The brain's needs over real SQL, of which the history can be away. */
function depsOf() {
  const storage = new NodeStorage(database);
  return {
    ...base,
    store: new SqlStore(storage, base.log.warn),
    history: new SqlHistory({
      ...nodeDatabase(storage),
      execute: async (query, params) => {
        if (away) throw new Error("D1_ERROR: away");
        return storage.rows(query, params);
      },
      batch: async (statements) => {
        if (away) throw new Error("D1_ERROR: away");
        return nodeDatabase(storage).batch(statements);
      },
    }),
  };
}

beforeEach(() => {
  database = new DatabaseSync(":memory:");
  migrate(new NodeStorage(database), releaseMigrations());
  away = false;
  base = fakeDeps();
  return () => database.close();
});

test("everything that the contract promises to keep is there after a restart", async () => {
  const before = new Coordinator(depsOf());
  const join = await before.createJoinToken({ name: "j", expires_in_s: 600, max_uses: 3 });
  const key = await before.createKey({ name: "k", permissions: ["infer"], path: true, models: ["m*"] });
  if (!join.ok || !key.ok) throw new Error("not created");
  const registered = await before.register(await base.sha256(join.value.token), {
    machine_name: "desk",
    ip_address: "10.0.0.1",
    ollama_version: "0.20.0",
    ollama_port: 11434,
  });
  if (!registered.ok) throw new Error("not registered");
  const { agent_id, agent_token = "" } = registered.value;
  await before.patchAgent(agent_id, { tags: ["gpu"], note: "n", max_concurrency: 3 });
  await before.drainAgent(agent_id, true);
  await before.putSettings({ strategy: "least-loaded", queue: { max_length: 7 } });
  const agent = new FakeAgent({ id: agent_id, name: "desk", state: { models: models("m") } });
  agent.dial(before, () => base.clock.now());
  await turn();
  await before.settle();

  const after = new Coordinator(depsOf());
  expect(await after.findAgentByToken(await base.sha256(agent_token))).toEqual({ agent_id });
  expect(await after.findKey(await base.sha256(key.value.key))).toEqual({ key_id: key.value.id });
  expect(await after.listKeys()).toEqual(await before.listKeys());
  expect(await after.listJoinTokens()).toMatchObject([{ uses: 1, max_uses: 3 }]);
  expect(await after.getSettings()).toEqual(await before.getSettings());
  expect(await after.getAgent(agent_id)).toMatchObject({
    name: "desk",
    draining: true,
    tags: ["gpu"],
    note: "n",
    max_concurrency: 3,
    models: [{ name: "m" }],
    not_routable_reason: "coming_back",
  });
});

test("rows that the history did not take wait in SQLite over a restart, and arrive once and in order", async () => {
  const agents = () =>
    new NodeStorage(database).rows("SELECT agent_id FROM events ORDER BY rowid", []).map(([agent]) => agent);
  away = true;
  const before = new Recorder(depsOf());
  for (let number = 0; number < 250; number++) before.event("agent_online", `e${number}`);
  await base.clock.advance(60_000);
  expect([before.pending, agents()]).toEqual([250, []]);
  away = false;
  const after = new Recorder(depsOf());
  after.event("agent_online", "last");
  await base.clock.advance(1_000);
  expect(agents()).toEqual([...Array.from({ length: 250 }, (_, number) => `e${number}`), "last"]);
  expect(after.pending).toBe(0);
});

test("a row that SQL refuses is set aside, and an event says so", async () => {
  const recorder = new Recorder(depsOf());
  recorder.event("login", null);
  recorder.request({ id: "bad", at: "never" } as unknown as Parameters<Recorder["request"]>[0]);
  recorder.event("logout", null);
  await base.clock.drain();
  const rows = new NodeStorage(database).rows("SELECT kind FROM events ORDER BY rowid", []);
  expect(rows.flat()).toEqual(["login", "history_row_refused", "logout"]);
});
