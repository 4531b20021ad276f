import { OpenAPIHono } from "@hono/zod-openapi";
import type { EventFilter } from "../../../../shared/api/events.ts";
import type { RequestFilter, RequestView } from "../../../../shared/api/requests.ts";
import type { SeriesQuery, SeriesView, StatsQuery, StatsView } from "../../../../shared/api/stats.ts";
import { makeToken, type TokenKind } from "../../../../shared/lib/token.ts";
import { BadCursor } from "../../../db/history.ts";
import { sha256 } from "../../../edge/sha256.ts";
import type { AppEnv, EventPage, HistoryReader, Host, PageQuery, RequestPage } from "../../../host.ts";
import { mountManagement } from "../management.ts";
import {
  AGENT,
  accessTokenNamed,
  fakeCell,
  JOIN_ID,
  joinTokenNamed,
  KEY_ID,
  keyNamed,
  modelNamed,
  PAIRING_ID,
  pairingNamed,
  type World,
} from "./fake-cell.ts";

export const ADMIN_TOKEN = tokenOf("admin", 1);
/** A further token with the role viewer. */
export const VIEWER_TOKEN = tokenOf("admin", 7);
export const REQUEST_ID = "8d3e9fb2-4051-4c8a-8dbe-3f20415c6d7e";

/** A token of this kind; another one for another seed. */
export function tokenOf(kind: TokenKind, seed: number): string {
  return makeToken(kind, new Uint8Array(32).fill(seed));
}

export interface Bench {
  app: OpenAPIHono<AppEnv>;
  host: Host;
  world: World;
  history: FakeHistory;
  /** As the admin, unless the headers say otherwise. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
}

export class FakeHistory implements HistoryReader {
  away = false;
  pings = 0;
  lists: { filter: RequestFilter; limit: number; cursor: string | undefined }[] = [];

  eventLists: { filter: EventFilter; limit: number; cursor: string | undefined }[] = [];
  statsAsked: StatsQuery[] = [];
  seriesAsked: SeriesQuery[] = [];

  async list(filter: RequestFilter, page: PageQuery): Promise<RequestPage> {
    this.#reach();
    if (page.cursor !== undefined && page.cursor !== "second") throw new BadCursor("not mine");
    this.lists.push({ filter, limit: page.limit, cursor: page.cursor });
    return { items: [], next_cursor: page.cursor === undefined ? "second" : null };
  }

  async listEvents(filter: EventFilter, page: PageQuery): Promise<EventPage> {
    this.#reach();
    if (page.cursor !== undefined && page.cursor !== "second") throw new BadCursor("not mine");
    this.eventLists.push({ filter, limit: page.limit, cursor: page.cursor });
    return { items: [], next_cursor: null };
  }

  async stats(query: StatsQuery, now: number): Promise<StatsView> {
    this.#reach();
    this.statsAsked.push(query);
    const at = new Date(now).toISOString();
    return { from: at, to: at, totals: NO_FIGURES, by_agent: [], by_model: [], by_key: [], by_day: [] };
  }

  async series(query: SeriesQuery, now: number): Promise<SeriesView> {
    this.#reach();
    this.seriesAsked.push(query);
    const at = new Date(now).toISOString();
    return { from: at, to: at, step_s: 60, at: [], series: {} };
  }

  async get(id: string): Promise<RequestView | undefined> {
    this.#reach();
    return id === REQUEST_ID ? REQUEST : undefined;
  }

  async ping(): Promise<void> {
    this.pings++;
    this.#reach();
  }

  #reach(): void {
    if (this.away) throw new Error("D1_ERROR: no such database");
  }
}

/** The management routes alone, in an app that answers what they leave. */
export async function bench(config: Partial<Host["config"]> = {}): Promise<Bench> {
  const world: World = {
    agents: [AGENT],
    keys: [keyNamed("first", undefined, KEY_ID)],
    joinTokens: [joinTokenNamed("door", undefined, JOIN_ID)],
    pairings: [pairingNamed("door", undefined, PAIRING_ID)],
    accessTokens: [{ view: accessTokenNamed("watcher"), token: VIEWER_TOKEN }],
    guessedTooOftenS: 0,
    models: [modelNamed("a:latest"), modelNamed("hf.co/x/y:q4")],
    joinToken: tokenOf("join", 2),
    agentToken: tokenOf("agent", 3),
    pairingSecret: tokenOf("pairing", 5),
    pairing: "pending",
    journal: [],
  };
  const history = new FakeHistory();
  const adminTokenHash = await sha256(ADMIN_TOKEN);
  const host: Host = {
    config: { adminTokenHash, clientAuth: "required", hosts: [], demo: false, ...config },
    cell: fakeCell(world),
    history,
    sha256,
    callerAddress: () => "192.0.2.9",
    isHttps: (c) => new URL(c.req.url).protocol === "https:",
    ownOrigins: (c) => [new URL(c.req.url).origin],
    forward: async () => new Response("forwarded"),
    acceptAgent: async () => new Response("accepted"),
    asset: async () => undefined,
    acceptDashboard: async () => new Response("accepted"),
  };
  const app = new OpenAPIHono<AppEnv>();
  app.use((c, next) => {
    c.set("host", host);
    return next();
  });
  mountManagement(app);
  app.notFound((c) => c.text("left to others", 404));
  app.onError((error, c) => c.json({ error: String(error), code: "internal" }, 500));
  const ask: Bench["ask"] = async (method, path, body, headers = {}) =>
    app.request(path, {
      method,
      headers: {
        authorization: `Bearer ${ADMIN_TOKEN}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
  return { app, host, world, history, ask };
}

const NO_TIMES = { p50: null, p90: null, p95: null, p99: null };
const NO_FIGURES: StatsView["totals"] = {
  requests: 0,
  errors: 0,
  cancelled: 0,
  prompt_tokens: 0,
  completion_tokens: 0,
  tokens_per_second: null,
  queue_ms: NO_TIMES,
  first_byte_ms: NO_TIMES,
  duration_ms: NO_TIMES,
};
/** A session of the dashboard, as a browser would have it. */
export async function signIn(
  { app }: Pick<Bench, "app">,
  token = ADMIN_TOKEN,
): Promise<{ cookie: string; csrf: string; answer: Response }> {
  const answer = await app.request("/api/admin/session", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
  });
  const [cookie = ""] = (answer.headers.get("set-cookie") ?? "").split(";");
  const { csrf_token: csrf }: { csrf_token: string } = await answer.clone().json();
  return { cookie, csrf, answer };
}

const REQUEST: RequestView = {
  id: REQUEST_ID,
  at: "2026-01-31T12:00:00.000Z",
  endpoint: "/api/chat",
  model: "llama3.2:1b",
  key_id: KEY_ID,
  key_name: "first",
  agent_id: AGENT.id,
  agent_name: AGENT.name,
  status: 200,
  error_code: null,
  attempts: 1,
  reason: "least-loaded",
  queue_ms: 0,
  first_byte_ms: 20,
  duration_ms: 400,
  prompt_tokens: 7,
  completion_tokens: 9,
  load_ms: null,
  prompt_ms: null,
  eval_ms: null,
  request_bytes: 100,
  response_bytes: 200,
  tries: [],
};
