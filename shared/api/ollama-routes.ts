/**
 * Ollama's HTTP surface as one table: what the coordinator does with each route, and the only routes that an
 * agent forwards. Source: the route table of Ollama 0.33 (server/routes.go) and its history.
 */

/** How an error looks and where a stream's error goes. */
export type Dialect = "native" | "openai" | "anthropic";

/**
 * - `local`: answered by the coordinator itself
 * - `merged`: answered from what agents have reported
 * - `infer`: forwarded to one agent that has the model; takes a slot; sent again when its agent is lost
 * - `show`: as `infer`, without a slot
 * - `manage`: changes a machine; never sent again by itself
 * - `account`: would use a machine owner's ollama.com account
 */
export type RouteClass = "local" | "merged" | "infer" | "show" | "manage" | "account";

export interface OllamaRoute {
  method: "GET" | "HEAD" | "POST" | "DELETE";
  /** Path with `:param` for one segment and a final `*` for the rest. */
  path: string;
  class: RouteClass;
  dialect: Dialect;
  /** First Ollama release that has it; older agents are not asked. */
  since?: string;
  /** Where the model's name is: a JSON body, a multipart form field, or the last path segment. */
  model?: "json" | "multipart" | "path";
  /** Whether `stream` is true when the body does not say. */
  streams?: boolean;
}

export const OLLAMA_ROUTES: readonly OllamaRoute[] = [
  { method: "GET", path: "/", class: "local", dialect: "native" },
  { method: "GET", path: "/api/version", class: "local", dialect: "native" },
  { method: "GET", path: "/api/status", class: "local", dialect: "native" },
  { method: "GET", path: "/api/tags", class: "merged", dialect: "native" },
  { method: "GET", path: "/api/ps", class: "merged", dialect: "native" },
  { method: "GET", path: "/v1/models", class: "merged", dialect: "openai" },
  { method: "GET", path: "/v1/models/:model", class: "merged", dialect: "openai", model: "path" },

  { method: "POST", path: "/api/generate", class: "infer", dialect: "native", model: "json", streams: true },
  { method: "POST", path: "/api/chat", class: "infer", dialect: "native", model: "json", streams: true },
  { method: "POST", path: "/api/embed", class: "infer", dialect: "native", model: "json" },
  { method: "POST", path: "/api/embeddings", class: "infer", dialect: "native", model: "json" },
  { method: "POST", path: "/api/show", class: "show", dialect: "native", model: "json" },
  { method: "POST", path: "/v1/chat/completions", class: "infer", dialect: "openai", model: "json" },
  { method: "POST", path: "/v1/completions", class: "infer", dialect: "openai", model: "json" },
  { method: "POST", path: "/v1/embeddings", class: "infer", dialect: "openai", model: "json" },
  {
    method: "POST",
    path: "/v1/responses",
    class: "infer",
    dialect: "openai",
    model: "json",
    since: "0.13.3",
  },
  {
    method: "POST",
    path: "/v1/messages",
    class: "infer",
    dialect: "anthropic",
    model: "json",
    since: "0.14.0",
  },
  {
    method: "POST",
    path: "/v1/audio/transcriptions",
    class: "infer",
    dialect: "openai",
    model: "multipart",
    since: "0.20.0",
  },

  { method: "POST", path: "/api/pull", class: "manage", dialect: "native", model: "json", streams: true },
  { method: "POST", path: "/api/create", class: "manage", dialect: "native", model: "json", streams: true },
  { method: "POST", path: "/api/copy", class: "manage", dialect: "native" },
  { method: "DELETE", path: "/api/delete", class: "manage", dialect: "native", model: "json" },
  { method: "POST", path: "/api/blobs/:digest", class: "manage", dialect: "native" },
  { method: "HEAD", path: "/api/blobs/:digest", class: "manage", dialect: "native" },

  { method: "POST", path: "/api/push", class: "account", dialect: "native" },
  { method: "POST", path: "/api/me", class: "account", dialect: "native" },
  { method: "POST", path: "/api/signout", class: "account", dialect: "native" },
  { method: "DELETE", path: "/api/user/keys/*", class: "account", dialect: "native" },
  { method: "POST", path: "/api/experimental/*", class: "account", dialect: "native" },
  { method: "GET", path: "/api/experimental/*", class: "account", dialect: "native" },
];

/** Routes that an agent's forwarder accepts; everything else is refused there too (defence in depth). */
const FORWARDED: ReadonlySet<RouteClass> = new Set(["infer", "show", "manage"]);

interface CompiledRoute {
  route: OllamaRoute;
  pattern: RegExp;
}

const COMPILED: readonly CompiledRoute[] = OLLAMA_ROUTES.map((route) => ({
  route,
  // `s`: a path may contain a decoded line break, and the router's own `*` takes it.
  pattern: new RegExp(`^${route.path.replace(/\*$/, ".*").replace(/:[a-z]+/, "[^/]+")}$`, "s"),
}));

/** Most requests name a path without a parameter: one look-up instead of thirty patterns. */
const EXACT = new Map(
  OLLAMA_ROUTES.filter((route) => !/[:*]/.test(route.path)).map((route) => [
    `${route.method} ${route.path}`,
    route,
  ]),
);

/** The route of a request; `path` without query, exactly as it was sent (no decoding, no dot segments). */
export function findRoute(method: string, path: string): OllamaRoute | undefined {
  return (
    EXACT.get(`${method} ${path}`) ??
    COMPILED.find(({ route, pattern }) => route.method === method && pattern.test(path))?.route
  );
}

/** Whether an agent may pass this on to its Ollama, and the route if so. */
export function forwardedRoute(method: string, path: string): OllamaRoute | undefined {
  const route = findRoute(method, path);
  return route !== undefined && FORWARDED.has(route.class) ? route : undefined;
}
