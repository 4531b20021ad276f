import type { AgentPatch, AgentView } from "../../shared/api/agents.ts";
import type {
  JoinTokenCreate,
  JoinTokenCreated,
  JoinTokenView,
  KeyCreate,
  KeyCreated,
  KeyPatch,
  KeyView,
} from "../../shared/api/keys.ts";
import type { HealthRequest, RegisterRequest, RegisterResponse } from "../../shared/api/register.ts";
import type { SettingsPatch, SettingsView } from "../../shared/api/settings.ts";
import type { LoadedModel, Model } from "../../shared/protocol/messages.ts";

/** Expected failures are values: they cross from the object to the Worker, where exceptions lose their type. */
export type Result<T> = { ok: true; value: T } | { ok: false; error: Problem };

/** Something a caller did that cannot be; becomes an error answer of the management API. */
export interface Problem {
  status: 400 | 401 | 403 | 404 | 409 | 429 | 503;
  code: string;
  message: string;
  fields?: Record<string, string>;
}

/** Who sends a client request. `by_path`: the key came in the URL, where others may read it. */
export type Caller =
  | { kind: "key"; key_id: string; by_path: boolean }
  | { kind: "admin" }
  /** `CLIENT_AUTH=off`: may infer, nothing else. */
  | { kind: "anonymous" };

/**
 * What the stateless side asks of the one object that knows. Every method is a round trip on Cloudflare, so there
 * is one method a need; arguments and results survive structured clone.
 */
export interface CoordinatorApi {
  /** The live key with this hash, or undefined. */
  findKey(hash: string): Promise<{ key_id: string } | undefined>;
  /** The agent with this token's hash, or undefined. */
  findAgentByToken(hash: string): Promise<{ agent_id: string } | undefined>;

  /** Models of online agents that the caller may use, newest first, cloud stubs left out; or why not. */
  tags(caller: Caller): Promise<Result<Model[]>>;
  ps(caller: Caller): Promise<Result<LoadedModel[]>>;
  /** Lowest Ollama version among online agents; undefined when there is none. */
  lowestVersion(): Promise<string | undefined>;
  corsOrigins(): Promise<string[]>;

  /** By a join token: a new agent. */
  register(joinTokenHash: string, body: RegisterRequest): Promise<Result<RegisterResponse>>;
  /** By an agent's own token: what it says of itself is updated. */
  updateRegistration(agentId: string, body: RegisterRequest): Promise<Result<RegisterResponse>>;
  health(agentId: string, body: HealthRequest): Promise<Result<null>>;

  listAgents(): Promise<AgentView[]>;
  getAgent(id: string): Promise<AgentView | undefined>;
  patchAgent(id: string, patch: AgentPatch): Promise<Result<AgentView>>;
  deleteAgent(id: string): Promise<Result<null>>;
  drainAgent(id: string, draining: boolean): Promise<Result<AgentView>>;
  disconnectAgent(id: string): Promise<Result<null>>;

  listKeys(): Promise<KeyView[]>;
  createKey(input: KeyCreate): Promise<Result<KeyCreated>>;
  patchKey(id: string, patch: KeyPatch): Promise<Result<KeyView>>;
  deleteKey(id: string): Promise<Result<null>>;

  listJoinTokens(): Promise<JoinTokenView[]>;
  createJoinToken(input: JoinTokenCreate): Promise<Result<JoinTokenCreated>>;
  deleteJoinToken(id: string): Promise<Result<null>>;

  getSettings(): Promise<SettingsView>;
  putSettings(patch: SettingsPatch): Promise<Result<SettingsView>>;
}
