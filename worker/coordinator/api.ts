import type {
  AccessTokenCreate,
  AccessTokenCreated,
  AccessTokenView,
} from "../../shared/api/access-tokens.ts";
import type { AgentPatch, AgentView } from "../../shared/api/agents.ts";
import type { ErrorCode } from "../../shared/api/errors.ts";
import type {
  JoinTokenCreate,
  JoinTokenCreated,
  JoinTokenView,
  KeyCreate,
  KeyCreated,
  KeyPatch,
  KeyView,
  Permission,
} from "../../shared/api/keys.ts";
import type { Metric } from "../../shared/api/metrics.ts";
import type { ModelView, PlacementPut } from "../../shared/api/models.ts";
import type { Dialect, OllamaRoute } from "../../shared/api/ollama-routes.ts";
import type {
  PairingApproved,
  PairingAsked,
  PairingPending,
  PairingReject,
  PairingView,
} from "../../shared/api/pairing.ts";
import type { QueueView } from "../../shared/api/queue.ts";
import type { HealthRequest, RegisterRequest, RegisterResponse } from "../../shared/api/register.ts";
import type { AttemptView } from "../../shared/api/requests.ts";
import type { Role } from "../../shared/api/session.ts";
import type { SettingsPatch, SettingsView } from "../../shared/api/settings.ts";
import type { LoadedModel, Model } from "../../shared/protocol/messages.ts";

import type { Ticket } from "./scheduling/ticket.ts";

/** Expected failures are values: they cross from the object to the Worker, where exceptions lose their type. */
export type Result<T> = { ok: true; value: T } | { ok: false; error: Problem };

/** Something a caller did that cannot be; becomes an error answer of the management API. */
export interface Problem {
  status: 400 | 401 | 403 | 404 | 409 | 410 | 429 | 503;
  code: string;
  message: string;
  fields?: Record<string, string>;
  /** When asking again makes sense, seconds. */
  retryAfterS?: number;
}

/** Who sends a client request. `by_path`: the key came in the URL, where others may read it. */
export type Caller =
  | { kind: "key"; key_id: string; by_path: boolean }
  | { kind: "admin" }
  /** `CLIENT_AUTH=off`: may infer, nothing else. */
  | { kind: "anonymous" };

/** One client request on its way to an agent: everything but the body. */
export interface Call {
  /** The id in the history and in `x-request-id`. */
  id: string;
  caller: Caller;
  method: OllamaRoute["method"];
  /** The route's path, as the history shows it. */
  endpoint: string;
  class: "infer" | "show" | "manage";
  dialect: Dialect;
  since: string | undefined;
  /** Path and query at Ollama. */
  path: string;
  /** As the client sent it; undefined where the route names none. */
  model: string | undefined;
  /** Where the name stands in the body as a JSON string, quotes and all: byte offsets, the end exclusive; absent: not in a body. */
  modelAt?: [number, number][] | undefined;
  /** Context size that the body asks for (`options.num_ctx`), tokens, where that was seen. */
  numCtx?: number | undefined;
  /** Whether the body asks for a streamed answer, where that was seen. */
  stream?: boolean | undefined;
  /**
   * Hashes of the conversation's leading messages, shortest first: one for each beginning that has at least 1 KiB, when the
   * conversation has at least one answer of the model.
   */
  prefixes?: string[] | undefined;
  /** Hashes under which the machine that answers is to be remembered for the conversation's next request, shortest first. */
  remember?: string[] | undefined;
  /** `x-coordinator-queue-events: 1`: wants to hear of its place while it waits. */
  queueEvents?: boolean | undefined;
  /** `X-Agent`: name or id of a machine, `*` for all, or undefined. */
  agent: string | undefined;
  /** Headers that go on to Ollama. */
  headers: [string, string][];
  /** Body length where the client said it, 0 for none, -1 unknown. */
  contentLength: number;
  /** 1 for the first. */
  attempt: number;
  /** Agents that have lost this request before. */
  avoid: string[];
  /** Its place in the line, once it has one. */
  ticket: Ticket | undefined;
  /** What the attempt before this one was lost to; absent for the first. */
  lostTo?: ErrorCode | undefined;
  /** The attempts before this one, for the history; absent for the first. */
  tries?: AttemptView[] | undefined;
  /** Whether the caller will try again when this attempt is lost; the last one is recorded. */
  mayRetry: boolean;
}

/** How an attempt to forward ended, as far as the caller has to act on it. */
export type Outcome =
  /** The client has its answer, whole or with an error at its end. */
  | { kind: "answered" }
  /** Nothing was sent: an error for the client. */
  | {
      kind: "refused";
      code: ErrorCode;
      message: string;
      retryAfterS?: number | undefined;
      /** How long it waited for its turn, where it got that far. */
      queueMs?: number | undefined;
    }
  /** Nothing was sent and the agent is lost: another attempt may do better. */
  | {
      kind: "lost";
      code: ErrorCode;
      message: string;
      agentId?: string | undefined;
      ticket?: Ticket | undefined;
      /** What the history is to say of this attempt. */
      tried?: AttemptView | undefined;
    }
  | { kind: "gone" };

/** Who begins a session of the dashboard. */
export interface SignIn {
  name: string;
  role: Role;
  callerAddress: string | null;
  /** The token is not one of 256 random bits that this program made: an admin token may be any text. */
  guessable: boolean;
}

/**
 * What the stateless side asks of the one object that knows. Every method is a round trip on Cloudflare, so there
 * is one method a need; arguments and results survive structured clone. `by` is the name of who changes something, for the events;
 * absent: the coordinator itself.
 */
export interface CoordinatorApi {
  /** The live key with this hash, or undefined. */
  findKey(hash: string): Promise<{ key_id: string } | undefined>;
  /** The agent with this token's hash, or undefined. */
  findAgentByToken(hash: string): Promise<{ agent_id: string } | undefined>;

  /**
   * Whether the caller may do this kind of thing now, whatever the edge remembers of its key, with these models beside the
   * one that the request is for; or why not. For what the edge answers by itself: what is forwarded is checked on its way.
   */
  mayCall(
    caller: Caller,
    permission: Permission | undefined,
    models?: readonly string[],
  ): Promise<Result<null>>;

  /** Models of online agents that the caller may use, newest first, those of ollama.com only from owners who allow them; or why not. */
  tags(caller: Caller): Promise<Result<Model[]>>;
  ps(caller: Caller): Promise<Result<LoadedModel[]>>;
  /** Lowest Ollama version among online agents; undefined when there is none. */
  lowestVersion(): Promise<string | undefined>;
  corsOrigins(): Promise<string[]>;
  /** Deletes what is older than the retention, in bounded steps. */
  prune(): Promise<void>;

  /** By a join token: a new agent. */
  register(joinTokenHash: string, body: RegisterRequest): Promise<Result<RegisterResponse>>;
  /** By an agent's own token: what it says of itself is updated. */
  updateRegistration(agentId: string, body: RegisterRequest): Promise<Result<RegisterResponse>>;
  health(agentId: string, body: HealthRequest): Promise<Result<null>>;

  /** Without a token: it waits until somebody lets it in. @param callerAddress as the platform knows it; null: it does not */
  askPairing(body: RegisterRequest, callerAddress: string | null): Promise<Result<PairingAsked>>;
  /** Whether the machine with this secret was let in; if so, its agent's token. */
  fetchPairing(secretHash: string): Promise<Result<PairingPending | PairingApproved>>;
  /** Those that wait. */
  listPairings(): Promise<PairingView[]>;
  /** @param code as a person typed it */
  approvePairing(code: string, by?: string): Promise<Result<AgentView>>;
  rejectPairing(which: PairingReject, by?: string): Promise<Result<null>>;

  listAgents(): Promise<AgentView[]>;
  getAgent(id: string): Promise<AgentView | undefined>;
  patchAgent(id: string, patch: AgentPatch, by?: string): Promise<Result<AgentView>>;
  deleteAgent(id: string, by?: string): Promise<Result<null>>;
  drainAgent(id: string, draining: boolean, by?: string): Promise<Result<AgentView>>;
  disconnectAgent(id: string, by?: string): Promise<Result<null>>;

  listKeys(): Promise<KeyView[]>;
  createKey(input: KeyCreate, by?: string): Promise<Result<KeyCreated>>;
  patchKey(id: string, patch: KeyPatch, by?: string): Promise<Result<KeyView>>;
  deleteKey(id: string, by?: string): Promise<Result<null>>;

  listJoinTokens(): Promise<JoinTokenView[]>;
  createJoinToken(input: JoinTokenCreate, by?: string): Promise<Result<JoinTokenCreated>>;
  deleteJoinToken(id: string, by?: string): Promise<Result<null>>;

  listAccessTokens(): Promise<AccessTokenView[]>;
  createAccessToken(input: AccessTokenCreate, by?: string): Promise<Result<AccessTokenCreated>>;
  deleteAccessToken(id: string, by?: string): Promise<Result<null>>;
  /** The live further token with this id: a session that was made with it lives as long. */
  findAccessToken(id: string): Promise<AccessTokenView | undefined>;
  /**
   * The live further token with this hash. What is none is a wrong token of its caller: of too many, `rate_limited`, and an error
   * with `retryAfterS` says that the next would be one too many.
   * @param guessable false: it has the form of what this program makes, and a wrong one counts for nothing
   */
  checkToken(
    hash: string,
    callerAddress: string | null,
    guessable?: boolean,
  ): Promise<Result<AccessTokenView>>;
  /** Somebody with a right token begins a session; refused where it is one that could be guessed and its caller has guessed too often. */
  signIn(who: SignIn): Promise<Result<null>>;
  /** @param sessionId the session that ends, and its open feeds with it */
  signOut(by: string, sessionId?: string): Promise<void>;

  /** Requests that wait, from a place in the line on (0 is the first), at most `limit` of them. */
  getQueue(from: number, limit: number): Promise<QueueView>;
  /** Models over the fleet in the order of their canonical names, those after `after`. */
  listModels(page: {
    after: string | undefined;
    limit: number;
  }): Promise<{ items: ModelView[]; more: boolean }>;
  /** On how many machines a model is to be kept; 0 takes the wish back. */
  putPlacement(model: string, wanted: PlacementPut, by?: string): Promise<Result<ModelView>>;
  deletePlacement(model: string, by?: string): Promise<Result<null>>;

  getSettings(): Promise<SettingsView>;
  putSettings(patch: SettingsPatch, by?: string): Promise<Result<SettingsView>>;

  /** What is counted since this life of the brain began, and what is measured now. */
  getMetrics(): Promise<Metric[]>;
}
