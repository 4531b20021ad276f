import type { AccessTokenView } from "../../../../shared/api/access-tokens.ts";
import type { AgentView } from "../../../../shared/api/agents.ts";
import type { JoinTokenView, KeyView } from "../../../../shared/api/keys.ts";
import type { ModelView } from "../../../../shared/api/models.ts";
import type { PairingView } from "../../../../shared/api/pairing.ts";
import type { SettingsView } from "../../../../shared/api/settings.ts";
import { DEFAULT_SETTINGS } from "../../../../shared/api/settings-defaults.ts";
import type { CoordinatorApi, Result } from "../../../coordinator/api.ts";
import { sha256 } from "../../../edge/sha256.ts";

export const AGENT_ID = "3f0e8a52-6c1d-4b7e-9a50-0d2f4c6b8e10";
export const KEY_ID = "5b1c7d90-2e3f-4a68-8b9c-1d0e2f3a4b5c";
export const JOIN_ID = "7c2d8ea1-3f40-4b79-9cad-2e1f304b5c6d";

export const ACCESS_ID = "6d3e9fb2-4051-4c8a-8dbe-3f20415c6d7e";

export const PAIRING_ID = "9e4fa0c3-5162-4d9b-8ebf-403152637485";
export const PAIRING_CODE = "XKCD-4821";

const CREATED = "2026-01-31T12:00:00.000Z";

export const AGENT: AgentView = {
  id: AGENT_ID,
  name: "tower",
  machine_name: "tower",
  ip_address: "10.0.0.7",
  os: "linux",
  agent_version: "0.1.0",
  ollama_version: "0.20.0",
  ollama_port: 11434,
  status: "online",
  draining: false,
  routable: true,
  not_routable_reason: null,
  yielding: null,
  allow_manage: false,
  allow_cloud: false,
  registered_at: CREATED,
  last_seen: CREATED,
  connected_at: CREATED,
  uptime_s: 1,
  cpu_usage: 2,
  memory_usage: 3,
  gpus: [],
  disk_free_mb: null,
  memory_total_mb: null,
  active_requests: 0,
  queued_requests: 0,
  total_requests: 0,
  failed_requests: 0,
  tokens_per_second: null,
  max_concurrency: 1,
  weight: 1,
  tags: [],
  note: "",
  models: [],
  loaded: [],
  breakers: [],
};

export function keyNamed(name: string, created_at = CREATED, id: string = crypto.randomUUID()): KeyView {
  const rest = {
    models: null,
    path: false,
    expires_at: null,
    rpm: null,
    tpm: null,
    tpd: null,
    max_concurrency: null,
    priority: "normal" as const,
    weight: 1,
    last_used_at: null,
    usage: { rpm: 0, tpm: 0, tpd: 0, concurrent: 0 },
  };
  return { id, name, prefix: "ock_abcdef", permissions: ["infer"], created_at, ...rest };
}

export function joinTokenNamed(name: string, created_at = CREATED, id: string = JOIN_ID): JoinTokenView {
  return { id, name, prefix: "ocj_abcdef", created_at, expires_at: CREATED, max_uses: 1, uses: 0 };
}

export function accessTokenNamed(
  name: string,
  role: "admin" | "viewer" = "viewer",
  id: string = ACCESS_ID,
): AccessTokenView {
  return { id, name, role, prefix: "oct_abcdef", created_at: CREATED, expires_at: null };
}

export function pairingNamed(
  machine_name: string,
  created_at = CREATED,
  id: string = PAIRING_ID,
): PairingView {
  const said = { ip_address: "10.0.0.8", os: null, agent_version: null, ollama_version: null, gpus: [] };
  return { id, machine_name, caller_address: "192.0.2.9", ...said, created_at, expires_at: CREATED };
}

export function modelNamed(name: string): ModelView {
  return {
    name,
    size: null,
    digest: null,
    conflict: false,
    digests: [],
    agents: [],
    placement: null,
  };
}

export interface World {
  agents: AgentView[];
  keys: KeyView[];
  joinTokens: JoinTokenView[];
  pairings: PairingView[];
  /** Further tokens that are live, and each one in clear. */
  accessTokens: { view: AccessTokenView; token: string }[];
  /** Whose wrong tokens are too many, s; 0: nobody's. */
  guessedTooOftenS: number;
  /** In the order of their names. */
  models: ModelView[];
  /** Tokens that are known, in clear. */
  joinToken: string;
  agentToken: string;
  pairingSecret: string;
  /** What was decided of the machine that waits. */
  pairing: "pending" | "approved" | "rejected" | "expired";
  /** Every call that arrived, as `method` and its arguments. */
  journal: [string, ...unknown[]][];
}

const missing = (id: string): Result<never> => ({
  ok: false,
  error: { status: 404, code: "not_found", message: `no such thing: ${id}` },
});
const refused = (status: 401 | 403 | 410, code: string): Result<never> => ({
  ok: false,
  error: { status, code, message: code },
});
const limited = (retryAfterS: number): Result<never> => ({
  ok: false,
  error: { status: 429, code: "rate_limited", message: "too many", retryAfterS },
});
const PENDING = { status: "pending" as const, expires_at: CREATED, poll_after_ms: 3_000 };
const found = <T>(value: T | undefined, id: string): Result<T> =>
  value === undefined ? missing(id) : { ok: true, value };
const unused = (): never => {
  throw new Error("not a matter of the management API");
};

/** A coordinator that knows what `world` says and writes down what it is asked. */
export function fakeCell(world: World): CoordinatorApi {
  const agent = (id: string): AgentView | undefined => world.agents.find((one) => one.id === id);
  const gone = (list: { id: string }[], id: string): Result<null> =>
    list.some((one) => one.id === id) ? { ok: true, value: null } : missing(id);
  const settings: SettingsView = { ...DEFAULT_SETTINGS, locked: ["cors_origins"] };
  const cell: CoordinatorApi = {
    findKey: async () => undefined,
    findAgentByToken: async (hash) =>
      hash === (await sha256(world.agentToken)) ? { agent_id: AGENT_ID } : undefined,
    tags: unused,
    ps: unused,
    mayCall: unused,
    lowestVersion: unused,
    corsOrigins: async () => ["*"],
    prune: unused,
    register: async (hash) =>
      hash === (await sha256(world.joinToken))
        ? { ok: true, value: { agent_id: AGENT_ID, status: "registered", agent_token: world.agentToken } }
        : { ok: false, error: { status: 401, code: "unauthorized", message: "the join token is not known" } },
    updateRegistration: async (id) => ({ ok: true, value: { agent_id: id, status: "updated" } }),
    health: async (id, body) =>
      body.agent_id === id
        ? { ok: true, value: null }
        : { ok: false, error: { status: 403, code: "forbidden", message: "agent_id is another's" } },
    askPairing: async () => ({
      ok: true,
      value: { ...PENDING, pairing_code: PAIRING_CODE, pairing_secret: world.pairingSecret },
    }),
    fetchPairing: async (hash) => {
      if (hash !== (await sha256(world.pairingSecret))) return refused(401, "unauthorized");
      switch (world.pairing) {
        case "pending":
          return { ok: true, value: PENDING };
        case "approved":
          return { ok: true, value: { agent_id: AGENT_ID, agent_token: world.agentToken } };
        case "rejected":
          return refused(403, "rejected");
        case "expired":
          return refused(410, "expired");
      }
    },
    listPairings: async () => world.pairings,
    approvePairing: async (code) => (code === PAIRING_CODE ? { ok: true, value: AGENT } : missing(code)),
    rejectPairing: async ({ code, id }) =>
      code === PAIRING_CODE ? { ok: true, value: null } : gone(world.pairings, id ?? ""),
    listAgents: async () => world.agents,
    getAgent: async (id) => agent(id),
    patchAgent: async (id) => found(agent(id), id),
    deleteAgent: async (id) => gone(world.agents, id),
    drainAgent: async (id, draining) => found(drained(agent(id), draining), id),
    disconnectAgent: async (id) => gone(world.agents, id),
    listKeys: async () => world.keys,
    createKey: async (input) => ({ ok: true, value: { ...keyNamed(input.name), key: "ock_shown-once" } }),
    patchKey: async (id) =>
      found(
        world.keys.find((one) => one.id === id),
        id,
      ),
    deleteKey: async (id) => gone(world.keys, id),
    listJoinTokens: async () => world.joinTokens,
    createJoinToken: async (input) => ({
      ok: true,
      value: { ...joinTokenNamed(input.name), token: "ocj_shown-once" },
    }),
    deleteJoinToken: async (id) => gone(world.joinTokens, id),
    listAccessTokens: async () => world.accessTokens.map(({ view }) => view),
    createAccessToken: async (input) =>
      input.name === "taken"
        ? { ok: false, error: { status: 409, code: "conflict", message: "name", fields: { name: "taken" } } }
        : { ok: true, value: { ...accessTokenNamed(input.name, input.role), token: "oct_shown-once" } },
    deleteAccessToken: async (id) =>
      gone(
        world.accessTokens.map(({ view }) => view),
        id,
      ),
    findAccessToken: async (id) => world.accessTokens.find(({ view }) => view.id === id)?.view,
    checkToken: async (hash) => {
      for (const { view, token } of world.accessTokens) {
        if (hash === (await sha256(token))) return { ok: true, value: view };
      }
      return world.guessedTooOftenS > 0 ? limited(world.guessedTooOftenS) : refused(401, "unauthorized");
    },
    signIn: async ({ guessable }) =>
      guessable && world.guessedTooOftenS > 0 ? limited(world.guessedTooOftenS) : { ok: true, value: null },
    signOut: async () => {},
    getQueue: async () => ({ items: [], next_cursor: null, length: 0, max_length: 100 }),
    listModels: async ({ after, limit }) => {
      const rest = world.models.filter(({ name }) => after === undefined || name > after);
      return { items: rest.slice(0, limit), more: rest.length > limit };
    },
    putPlacement: async (name, { agents }) =>
      agents?.includes("nobody") === true
        ? {
            ok: false,
            error: { status: 400, code: "bad_request", message: "agents", fields: { agents: "nobody" } },
          }
        : { ok: true, value: modelNamed(name) },
    deletePlacement: async (name) =>
      gone(
        world.models.map((model) => ({ id: model.name })),
        name,
      ),
    getMetrics: async () => [{ type: "gauge", name: "up", help: "Up.", samples: [{ labels: {}, value: 1 }] }],
    getSettings: async () => settings,
    putSettings: async (patch) => {
      if (patch.cors_origins === undefined) return { ok: true, value: settings };
      const fields = { cors_origins: "is set by the environment" };
      return { ok: false, error: { status: 409, code: "locked", message: "cors_origins: locked", fields } };
    },
  };
  return new Proxy(cell, {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof method !== "function") return method;
      return (...args: unknown[]) => {
        world.journal.push([String(name), ...args]);
        return Reflect.apply(method, target, args);
      };
    },
  });
}

function drained(agent: AgentView | undefined, draining: boolean): AgentView | undefined {
  return agent === undefined ? undefined : { ...agent, draining };
}
