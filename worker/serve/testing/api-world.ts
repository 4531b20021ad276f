import { DatabaseSync } from "node:sqlite";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { makeToken } from "../../../shared/lib/token.ts";
import { Coordinator } from "../../coordinator/coordinator.ts";
import { Bench, bytesOf, fakeDeps, models } from "../../coordinator/testing/bench.ts";
import { FakeAgent } from "../../coordinator/testing/fake-agent.ts";
import { RecordingClient } from "../../coordinator/testing/recording-client.ts";
import { turn } from "../../coordinator/testing/turn.ts";
import { SqlHistory } from "../../db/history.ts";
import { migrate } from "../../db/migrate.ts";
import { SqlStore } from "../../db/store.ts";
import type { AppEnv, Host } from "../../host.ts";
import { sha256 } from "../node-deps.ts";
import { releaseMigrations } from "../release.ts";
import { nodeDatabase } from "../sqlite/node-database.ts";
import { NodeStorage } from "../sqlite/node-storage.ts";

export const ADMIN_TOKEN = makeToken("admin", new Uint8Array(32).fill(1));

/** A whole coordinator without a port: the real app on the real brain, on databases in memory, with time by hand. */
export interface ApiWorld {
  readonly host: Host;
  /** Ids of what there is at its beginning, by the part of the path behind which they stand. */
  readonly ids: Readonly<Record<string, string>>;
  /** Tokens that work, by the name of their security scheme. */
  readonly tokens: Readonly<Record<string, string>>;
  /** What the machine that waits shows. */
  readonly code: string;
  /** Everything that is stored, as text, and apart from it what the events tell, those that are not written yet too. */
  state(): { kept: string; told: string };
  /** What was set off comes to rest. */
  settle(): Promise<void>;
  close(): void;
}

export async function apiWorld(app: OpenAPIHono<AppEnv>, use: (host: Host) => void): Promise<ApiWorld> {
  const database = new DatabaseSync(":memory:");
  const storage = new NodeStorage(database);
  migrate(storage, releaseMigrations());
  const history = new SqlHistory(nodeDatabase(storage));
  let secrets = 0;
  const deps = {
    ...fakeDeps(),
    store: new SqlStore(storage, () => {}),
    history,
    // Each another one, and the same in each run.
    randomBytes: (length: number) => {
      const bytes = new Uint8Array(length);
      new DataView(bytes.buffer).setUint32(0, ++secrets);
      return bytes;
    },
  };
  const brain = new Coordinator(deps);
  const host: Host = {
    config: { adminTokenHash: sha256(ADMIN_TOKEN), clientAuth: "required", hosts: [], demo: false },
    cell: brain,
    history,
    sha256: async (text) => sha256(text),
    callerAddress: () => "192.0.2.9",
    isHttps: () => false,
    ownOrigins: () => [],
    acceptDashboard: async () => new Response("not a matter of the management API", { status: 500 }),
    asset: async () => undefined,
    forward: async () => new Response("not a matter of the management API", { status: 500 }),
    acceptAgent: async () => new Response("not a matter of the management API", { status: 500 }),
  };
  use(host);
  const post = async (path: string, body: object, token?: string): Promise<Record<string, string>> => {
    const response = await app.request(path, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
    return (await response.json()) as Record<string, string>;
  };
  const key = await post("/api/admin/keys", { name: "first", permissions: ["infer", "manage"] }, ADMIN_TOKEN);
  const join = await post("/api/admin/join-tokens", { max_uses: 100 }, ADMIN_TOKEN);
  const access = await post("/api/admin/tokens", { name: "grafana", role: "viewer" }, ADMIN_TOKEN);
  const machine = { machine_name: "tower", ip_address: "", ollama_version: "0.20.0", ollama_port: 11434 };
  const agent = await post("/api/agents/register", machine, join.token);
  const asked = await post("/api/agents/register", { ...machine, machine_name: "waits" });
  const agentId = agent.agent_id ?? "";
  const now = (): number => deps.clock.now();
  const dialled = new FakeAgent({
    id: agentId,
    name: "tower",
    state: {
      models: models("m", "hf.co/x/y:q4"),
      loaded: [{ name: "m" }],
      cpu_usage: 5,
      gpus: [{ name: "GPU" }],
    },
    serve: (request) => request.answer(),
  });
  dialled.dial(brain, now);
  await turn();
  await brain.forward(new Bench().call(), bytesOf("{}"), new RecordingClient());
  const settle = (): Promise<void> => deps.clock.advance(1_000);
  await settle();
  const [pairing] = await brain.listPairings();
  const finished = (await history.list({}, { limit: 1 })).items[0];
  const tables = storage
    .rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name", [])
    .map(([name]) => String(name));
  const dump = (names: readonly string[]): string =>
    JSON.stringify(names.map((name) => [name, storage.rows(`SELECT * FROM "${name}"`, [])]));
  return {
    host,
    ids: {
      agents: agentId,
      keys: key.id ?? "",
      "join-tokens": join.id ?? "",
      pairings: pairing?.id ?? "",
      tokens: access.id ?? "",
      requests: finished?.id ?? "",
    },
    tokens: {
      adminToken: ADMIN_TOKEN,
      viewerToken: access.token ?? "",
      joinToken: join.token ?? "",
      agentToken: agent.agent_token ?? "",
      pairingSecret: asked.pairing_secret ?? "",
    },
    code: asked.pairing_code ?? "",
    state: () => ({
      kept: dump(tables.filter((table) => table !== "events")),
      told: `${dump(["events"])} ${brain.recorder.pending}`,
    }),
    settle,
    close: () => {
      deps.clock.forget();
      database.close();
    },
  };
}
