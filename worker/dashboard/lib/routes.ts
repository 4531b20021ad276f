import type { z } from "zod";
import type {
  AccessTokenCreated,
  AccessTokenView,
  accessTokenCreate,
} from "../../../shared/api/access-tokens.ts";
import type { AgentPatch, AgentView } from "../../../shared/api/agents.ts";
import type { EventFilter, EventView } from "../../../shared/api/events.ts";
import type {
  JoinTokenCreated,
  JoinTokenView,
  joinTokenCreate,
  KeyCreated,
  KeyPatch,
  KeyView,
  keyCreate,
} from "../../../shared/api/keys.ts";
import type { ModelView, PlacementPut } from "../../../shared/api/models.ts";
import type { PairingApprove, PairingReject, PairingView } from "../../../shared/api/pairing.ts";
import type { QueueView } from "../../../shared/api/queue.ts";
import type { RequestFilter, RequestView } from "../../../shared/api/requests.ts";
import type { SessionCreate, SessionView } from "../../../shared/api/session.ts";
import type { SettingsPatch, SettingsView } from "../../../shared/api/settings.ts";
import type { SeriesMetric, SeriesView, StatsQuery, StatsView } from "../../../shared/api/stats.ts";

export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}
type Paging = { limit?: number; cursor?: string };
type SeriesAsked = Partial<StatsQuery> & {
  /** Asked for together in one call. */
  metric: readonly SeriesMetric[];
  /** Seconds: 60, 300, 900, 3600, 21600 or 86400. */
  step?: number;
};

/** The management API as the pages use it. `{id}` in a path is a parameter; types only, nothing of it is shipped. */
export interface Routes {
  "GET /api/admin/session": { answer: SessionView };
  "POST /api/admin/session": { body: SessionCreate; answer: SessionView };
  "DELETE /api/admin/session": { answer: undefined };
  "GET /api/agents": { answer: AgentView[] };
  "GET /api/agents/{id}": { answer: AgentView };
  "PATCH /api/agents/{id}": { body: AgentPatch; answer: AgentView };
  "DELETE /api/agents/{id}": { answer: undefined };
  "POST /api/agents/{id}/drain": { answer: AgentView };
  "POST /api/agents/{id}/resume": { answer: AgentView };
  "POST /api/agents/{id}/disconnect": { answer: AgentView };
  "GET /api/admin/pairings": { query: Paging; answer: Page<PairingView> };
  "POST /api/admin/pairings/approve": { body: PairingApprove; answer: AgentView };
  "POST /api/admin/pairings/reject": { body: PairingReject; answer: undefined };
  "GET /api/admin/join-tokens": { query: Paging; answer: Page<JoinTokenView> };
  "POST /api/admin/join-tokens": { body: z.input<typeof joinTokenCreate>; answer: JoinTokenCreated };
  "DELETE /api/admin/join-tokens/{id}": { answer: undefined };
  "GET /api/admin/keys": { query: Paging; answer: Page<KeyView> };
  "POST /api/admin/keys": { body: z.input<typeof keyCreate>; answer: KeyCreated };
  "PATCH /api/admin/keys/{id}": { body: KeyPatch; answer: KeyView };
  "DELETE /api/admin/keys/{id}": { answer: undefined };
  "GET /api/admin/tokens": { query: Paging; answer: Page<AccessTokenView> };
  "POST /api/admin/tokens": { body: z.input<typeof accessTokenCreate>; answer: AccessTokenCreated };
  "DELETE /api/admin/tokens/{id}": { answer: undefined };
  "GET /api/admin/requests": { query: Paging & Partial<RequestFilter>; answer: Page<RequestView> };
  "GET /api/admin/requests/{id}": { answer: RequestView };
  "GET /api/admin/queue": { query: Paging; answer: QueueView };
  "GET /api/admin/events": { query: Paging & Partial<EventFilter>; answer: Page<EventView> };
  "GET /api/admin/models": { query: Paging; answer: Page<ModelView> };
  "PUT /api/admin/models/{name}/placement": { body: PlacementPut; answer: ModelView };
  "GET /api/admin/stats": { query: Partial<StatsQuery>; answer: StatsView };
  "GET /api/admin/stats/series": { query: SeriesAsked; answer: SeriesView };
  "GET /api/admin/settings": { answer: SettingsView };
  "PUT /api/admin/settings": { body: SettingsPatch; answer: SettingsView };
}

export type Route = keyof Routes;
export type AnswerOf<R extends Route> = Routes[R]["answer"];

type ParamsOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamsOf<Rest>
  : never;
type Params<R extends string> = [ParamsOf<R>] extends [never]
  ? unknown
  : { params: Record<ParamsOf<R>, string> };
type Body<R extends Route> = Routes[R] extends { body: infer B } ? { body: B } : unknown;
type AskedQuery<R extends Route> = Routes[R] extends { query: infer Q }
  ? Record<string, never> extends Q
    ? { query?: Q }
    : { query: Q }
  : unknown;

export type Asked<R extends Route> = Params<R> & Body<R> & AskedQuery<R> & { signal?: AbortSignal };
/** The routes that need nothing but their name can be called with that alone. */
export type Arguments<R extends Route> =
  { signal?: AbortSignal } extends Asked<R> ? [asked?: Asked<R>] : [asked: Asked<R>];

/** Routes whose answers come by pages. */
export type PagedRoute = {
  [R in Route]: AnswerOf<R> extends Page<unknown> ? (Routes[R] extends { query: Paging } ? R : never) : never;
}[Route];
export type ItemOf<R extends PagedRoute> = AnswerOf<R> extends Page<infer Item> ? Item : never;
