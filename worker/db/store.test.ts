import { DatabaseSync } from "node:sqlite";
import { beforeEach, expect, test } from "vitest";
import type {
  OutboxRow,
  StoredAccessToken,
  StoredAgent,
  StoredJoinToken,
  StoredKey,
  StoredPairing,
  StoredRuntime,
} from "../coordinator/store.ts";
import { releaseMigrations } from "../serve/release.ts";
import { NodeStorage } from "../serve/sqlite/node-storage.ts";
import { migrate } from "./migrate.ts";
import { SqlStore } from "./store.ts";

const agent = (over: Partial<StoredAgent> = {}): StoredAgent => ({
  id: "a1",
  name: "desk",
  token_hash: `token of ${over.id ?? "a1"}`,
  machine_name: "DESK",
  ip_address: "10.0.0.5",
  os: null,
  agent_version: "0.1.0",
  ollama_version: null,
  ollama_port: 11434,
  registered_at: 1_800_000_000_000,
  draining: false,
  max_concurrency: null,
  weight: 1.5,
  tags: ["gpu", "o'hara"],
  note: "",
  ...over,
});

const joinToken = (over: Partial<StoredJoinToken> = {}): StoredJoinToken => ({
  id: "j1",
  name: "lab",
  hash: "hash",
  prefix: "ocj_abcdef",
  created_at: 1,
  expires_at: 2,
  max_uses: 5,
  uses: 0,
  ...over,
});

const accessToken = (over: Partial<StoredAccessToken> = {}): StoredAccessToken => ({
  id: "t1",
  name: "watcher",
  role: "viewer",
  hash: "hash of t1",
  prefix: "oct_abcdef",
  created_at: 1,
  expires_at: null,
  ...over,
});

const key: StoredKey = {
  id: "k1",
  name: "laptop",
  hash: "hash",
  prefix: "ock_abcdef",
  permissions: ["infer", "manage"],
  models: null,
  path: true,
  created_at: 1,
  expires_at: null,
  rpm: null,
  tpm: null,
  tpd: null,
  max_concurrency: null,
  priority: "normal",
  weight: 1,
  last_used_at: null,
};

const pairing = (over: Partial<StoredPairing> = {}): StoredPairing => ({
  id: "p1",
  code_hash: "hash of the code",
  secret_hash: `hash of ${over.id ?? "p1"}'s secret`,
  caller_address: "192.0.2.7",
  machine: {
    machine_name: "desk",
    ip_address: "",
    ollama_version: "",
    ollama_port: 11434,
    gpus: [{ name: "card" }],
  },
  created_at: 1,
  expires_at: 2,
  state: "waiting",
  agent_id: null,
  fetched: false,
  ...over,
});

const runtime = (over: Partial<StoredRuntime> = {}): StoredRuntime => ({
  agent_id: "a1",
  online: true,
  last_seen: 7,
  turn: 3,
  total_requests: 10,
  failed_requests: 1,
  state: "{}",
  ...over,
});

const row = (id: string, refusals = 0): OutboxRow => ({
  id,
  table: "events",
  row: `{"id":"${id}"}`,
  refusals,
});

let database: DatabaseSync;
let store: SqlStore;
let warnings: string[];

beforeEach(() => {
  database = new DatabaseSync(":memory:");
  const storage = new NodeStorage(database);
  migrate(storage, releaseMigrations());
  warnings = [];
  store = new SqlStore(storage, (message) => warnings.push(message));
  return () => database.close();
});

test("what is saved is loaded again, and saving again replaces it", () => {
  store.saveAgent(agent());
  store.saveAgent(agent({ draining: true, max_concurrency: 4, tags: [] }));
  store.saveKey(key);
  store.saveKey({ ...key, models: ["llama*"], expires_at: 9 });
  store.saveJoinToken(joinToken());
  store.saveAccessToken(accessToken());
  store.saveAccessToken(accessToken({ role: "admin", expires_at: 5 }));
  store.saveRuntimes([runtime(), runtime({ agent_id: "a2", online: false })]);
  store.saveRuntimes([runtime({ turn: 4 })]);
  store.saveUsage([{ key_id: "k1", usage: "1" }]);
  store.saveUsage([{ key_id: "k1", usage: "2" }]);
  store.savePlacement({ model: "m:latest", replicas: 1, agents: null, tags: null });
  store.savePlacement({ model: "m:latest", replicas: 2, agents: ["a1"], tags: ["gpu"] });
  store.savePairing(pairing());
  store.savePairing(pairing({ state: "approved", caller_address: null }), agent({ id: "a3", name: "three" }));
  store.savePairing(pairing({ id: "p2" }));
  expect(store.load()).toEqual({
    agents: [agent({ draining: true, max_concurrency: 4, tags: [] }), agent({ id: "a3", name: "three" })],
    runtimes: [runtime({ turn: 4 }), runtime({ agent_id: "a2", online: false })],
    keys: [{ ...key, models: ["llama*"], expires_at: 9 }],
    joinTokens: [joinToken()],
    accessTokens: [accessToken({ role: "admin", expires_at: 5 })],
    settings: {},
    usage: [{ key_id: "k1", usage: "2" }],
    placements: [{ model: "m:latest", replicas: 2, agents: ["a1"], tags: ["gpu"] }],
    pairings: [pairing({ state: "approved", caller_address: null }), pairing({ id: "p2" })],
  });
});

test("what is deleted is gone, an agent with its last known state, a key with what it has used", () => {
  store.saveAgent(agent());
  store.saveRuntimes([runtime()]);
  store.saveKey(key);
  store.saveJoinToken(joinToken());
  store.saveAccessToken(accessToken());
  store.saveUsage([{ key_id: "k1", usage: "1" }]);
  store.savePlacement({ model: "m:latest", replicas: 1, agents: null, tags: null });
  store.savePairing(pairing());
  store.deleteAccessToken("t1");
  store.deletePairings(["p1"]);
  store.deletePlacement("m:latest");
  store.deleteAgent("a1");
  store.deleteKey("k1");
  store.deleteJoinToken("j1");
  expect(store.load()).toEqual({
    agents: [],
    runtimes: [],
    keys: [],
    joinTokens: [],
    accessTokens: [],
    settings: {},
    usage: [],
    placements: [],
    pairings: [],
  });
});

test("a registration that fails does not count a use of its token", () => {
  store.register(agent(), joinToken({ uses: 1 }));
  const sameName = agent({ id: "a2" });
  expect(() => store.register(sameName, joinToken({ uses: 2 }))).toThrow();
  expect(store.load()).toMatchObject({ agents: [{ id: "a1" }], joinTokens: [{ uses: 1 }] });
});

test("a pairing whose agent cannot be stored stays as it was", () => {
  store.saveAgent(agent());
  store.savePairing(pairing());
  expect(() => store.savePairing(pairing({ state: "approved" }), agent({ id: "a2" }))).toThrow();
  expect(store.load()).toMatchObject({ agents: [{ id: "a1" }], pairings: [{ state: "waiting" }] });
});

test("settings are kept by name; one that cannot be used is left out and reported", () => {
  store.saveSettings({ strategy: "least-loaded", queue: { max_length: 1, timeout_s: 2 } });
  store.saveSettings({ strategy: "round-robin" });
  database.exec("INSERT INTO settings VALUES ('gone', '1'), ('retention_days', '{oops')");
  expect(store.load().settings).toEqual({
    strategy: "round-robin",
    queue: { max_length: 1, timeout_s: 2 },
  });
  expect(warnings).toHaveLength(2);
  expect(warnings.join()).toMatch(/gone.*retention_days/);
});

test("a row that cannot be read is left out alone and reported", () => {
  store.saveAgent(agent());
  store.saveAgent(agent({ id: "a2", name: "two" }));
  store.saveKey(key);
  store.saveKey({ ...key, id: "k2", hash: "other" });
  database.exec("UPDATE agents SET tags = '[oops' WHERE id = 'a1'");
  database.exec(`UPDATE keys SET permissions = '["fly"]' WHERE id = 'k1'`);
  expect(store.load()).toMatchObject({ agents: [{ id: "a2" }], keys: [{ id: "k2" }] });
  expect(warnings.join()).toMatch(/agent a1 .*key k1 /s);
});

test("the outbox gives rows in the order in which they came, also after a refusal", () => {
  store.outbox.put([row("c"), row("a"), row("b")]);
  store.outbox.put([row("c", 2)]);
  expect(store.outbox.take(2)).toEqual([row("c", 2), row("a")]);
  store.outbox.delete(["a"]);
  store.outbox.put([row("a")]);
  expect(store.outbox.take(9).map(({ id }) => id)).toEqual(["c", "b", "a"]);
  expect(store.outbox.size()).toBe(3);
});

test("more rows than a statement may have parameters are put and deleted", () => {
  const rows = Array.from({ length: 250 }, (_, index) => row(`r${index}`));
  store.outbox.put(rows);
  expect(store.outbox.size()).toBe(250);
  store.outbox.delete(rows.map(({ id }) => id));
  expect(store.outbox.size()).toBe(0);
});
