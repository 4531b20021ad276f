import type { Context } from "hono";
import type { EventFilter, EventView } from "../shared/api/events.ts";
import type { RequestFilter, RequestView } from "../shared/api/requests.ts";
import type { Role } from "../shared/api/session.ts";
import type { SeriesQuery, SeriesView, StatsQuery, StatsView } from "../shared/api/stats.ts";
import type { Call, Caller, CoordinatorApi } from "./coordinator/api.ts";
import type { Viewer } from "./coordinator/feed/page.ts";

/** What the environment has decided, checked once at the door. */
export interface HostConfig {
  /** SHA-256 of the admin token, lower-case hex; undefined until one is set: admin routes answer `not_configured`. */
  adminTokenHash: string | undefined;
  /** `off`: clients need no key; only loopback or listed Origins and Hosts are let in. */
  clientAuth: "required" | "off";
  /** Host names (with port, if any) under which this coordinator is reached, beside loopback; for `off`. */
  hosts: readonly string[];
  /** Cloudflare Access in front of the dashboard; undefined: it is not used. */
  access?: AccessConfig | { fault: string } | undefined;
  /** Every answer says that it comes from a simulated engine. */
  demo: boolean;
}

export interface RequestPage {
  items: RequestView[];
  next_cursor: string | null;
}

export interface EventPage {
  items: EventView[];
  next_cursor: string | null;
}

export interface PageQuery {
  limit: number;
  /** `next_cursor` of the page before. */
  cursor?: string | undefined;
}

/** The long memory as the management API reads it. */
export interface HistoryReader {
  list(filter: RequestFilter, page: PageQuery): Promise<RequestPage>;
  get(id: string): Promise<RequestView | undefined>;
  listEvents(filter: EventFilter, page: PageQuery): Promise<EventPage>;
  /** @param now end of the range, ms since the epoch */
  stats(query: StatsQuery, now: number): Promise<StatsView>;
  series(query: SeriesQuery, now: number): Promise<SeriesView>;
  /** A trivial query; rejects when the database is away. */
  ping(): Promise<void>;
}

/** A call as the routes know it: the model and the attempts are found out on the way. */
export type ForwardedCall = Omit<Call, "model" | "attempt" | "avoid" | "ticket" | "lostTo" | "mayRetry"> & {
  /** Where the model's name is. */
  modelIn: "json" | "multipart" | "none";
};

/** The platform under the app: a Worker with a Durable Object, or one Node process. */
export interface Host {
  config: HostConfig;
  cell: CoordinatorApi;
  history: HistoryReader;
  sha256(text: string): Promise<string>;
  /** The address at the other end of the connection, as the platform knows it: no header that the caller could write. */
  callerAddress(c: AppContext): string | null;
  /** Whether the caller came by https, as far as the platform knows; no header that a proxy may have written. */
  isHttps(c: AppContext): boolean;
  /** Scheme and host, as a browser's `Origin` says them, of this very coordinator's pages. */
  ownOrigins(c: AppContext): readonly string[];
  /** Sends a client request to an agent and answers it, as far as possible without touching its bytes. */
  forward(c: AppContext, call: ForwardedCall): Promise<Response>;
  /** Accepts an agent's tunnel; the request is an authenticated upgrade. */
  acceptAgent(c: AppContext, agentId: string): Promise<Response>;
  /** A file of the web app by its path below `/dashboard/`; undefined: there is none, or the app is not built. */
  asset(c: AppContext, path: string): Promise<Response | undefined>;
  /** Accepts a dashboard's live feed; the request is an authenticated upgrade. */
  acceptDashboard(c: AppContext, viewer: Viewer): Promise<Response>;
}

/** Whom Cloudflare Access has let in, and as what. */
export interface AccessConfig {
  /** `https://TEAM.cloudflareaccess.com`: who signs, and where the keys are. */
  teamDomain: string;
  /** The application's audience tag. */
  audience: string;
  /** Lower-case emails, `@domain`, or `*` for whoever Access lets in. */
  admins: readonly string[];
  viewers: readonly string[];
}

/** Who calls the management API. */
export interface Principal {
  role: Role;
  /** As the events show it. */
  name: string;
  via: "admin_token" | "token" | "session" | "access";
  /** RFC 3339; null where nothing but a revocation ends it. */
  expiresAt: string | null;
  /** Id of the further token that let it in, now or when its session began: with that it ends. */
  tokenId?: string;
  /** Only where a browser sends the proof by itself, also when another site's page asks it to: then what changes something needs a CSRF token for this id. */
  sessionId?: string;
}

export interface AppEnv {
  Bindings: object;
  Variables: {
    host: Host;
    /** Path and query without the key's prefix: the only form that anything behind the edge sees. */
    requestId: string;
    caller: Caller;
    /** Set by `admin` and `viewer` of the management routes. */
    principal: Principal;
  };
}

export type AppContext = Context<AppEnv>;
