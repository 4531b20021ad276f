import * as admin from "./admin.ts";
import { hasBlob, putBlob } from "./blobs.ts";
import * as catalog from "./catalog.ts";
import { control } from "./control.ts";
import { embed, embeddings, openaiEmbeddings } from "./embeddings.ts";
import { type Dialect, Refusal } from "./errors.ts";
import type { Handler } from "./inference.ts";
import * as inference from "./inference.ts";
import { transcription } from "./transcription.ts";
import { atLeast } from "./version.ts";

export interface Route {
  readonly methods: ReadonlyMap<string, Handler>;
  readonly dialect: Dialect;
  /** Uses a model's slots; counts as in flight. */
  readonly inference: boolean;
  /** "own": the handler reads it. */
  readonly body: "json" | "form" | "own" | "none";
}

interface Options {
  inference?: boolean;
  body?: Route["body"];
  /** The first version of Ollama that has the route. */
  since?: string;
}

const running: Handler = (_, exchange) =>
  exchange.send(200, "text/plain; charset=utf-8", "Ollama is running");
const version: Handler = (machine, exchange) => exchange.json({ version: machine.options.version });
const status: Handler = (_, exchange) => exchange.json({ cloud: { disabled: false, source: "none" } });
const noAccount: Handler = () => {
  throw new Refusal(401, "unauthorized");
};
const recommendations: Handler = (_, exchange) => exchange.json({ recommendations: [] });

/** The routes that this version has; those that end with a slash stand for all paths below. */
export function routesOf(ollama: string): (path: string) => Route | undefined {
  const exact = new Map<string, Route>();
  const below = new Map<string, Route>();
  const add = (path: string, methods: Record<string, Handler>, options: Options = {}) => {
    if (options.since !== undefined && !atLeast(ollama, options.since)) return;
    const dialect = path === "/v1/messages" ? "anthropic" : path.startsWith("/v1/") ? "openai" : "native";
    const takesBody = methods.POST !== undefined || methods.DELETE !== undefined;
    const route: Route = {
      methods: new Map(Object.entries(methods)),
      dialect,
      inference: options.inference ?? false,
      body: options.body ?? (takesBody ? "json" : "none"),
    };
    (path.length > 1 && path.endsWith("/") ? below : exact).set(path, route);
  };

  add("/", { GET: running, HEAD: running });
  add("/api/version", { GET: version, HEAD: version });
  add("/api/status", { GET: status }, { since: "0.16.2" });
  add("/api/tags", { GET: catalog.tags, HEAD: catalog.tags });
  add("/api/ps", { GET: catalog.ps });
  add("/api/show", { POST: catalog.show });
  add("/api/generate", { POST: inference.generate }, { inference: true });
  add("/api/chat", { POST: inference.chat }, { inference: true });
  add("/api/embed", { POST: embed }, { inference: true });
  add("/api/embeddings", { POST: embeddings }, { inference: true });
  add("/api/pull", { POST: admin.pull });
  add("/api/push", { POST: admin.push });
  add("/api/create", { POST: admin.create });
  add("/api/copy", { POST: admin.copy });
  add("/api/delete", { DELETE: admin.remove });
  add("/api/blobs/", { POST: putBlob, HEAD: hasBlob }, { body: "own" });
  add("/api/me", { POST: noAccount }, { since: "0.12.0", body: "none" });
  add("/api/signout", { POST: noAccount }, { since: "0.12.0", body: "none" });
  add("/api/user/keys/", { DELETE: noAccount }, { since: "0.12.0", body: "none" });
  add("/api/experimental/web_search", { POST: noAccount }, { since: "0.18.0" });
  add("/api/experimental/web_fetch", { POST: noAccount }, { since: "0.18.0" });
  add("/api/experimental/model-recommendations", { GET: recommendations }, { since: "0.30.0" });
  add("/v1/chat/completions", { POST: inference.openaiChat }, { inference: true });
  add("/v1/completions", { POST: inference.openaiCompletion }, { inference: true });
  add("/v1/responses", { POST: inference.responses }, { inference: true, since: "0.13.3" });
  add("/v1/messages", { POST: inference.anthropicMessages }, { inference: true, since: "0.14.0" });
  add("/v1/embeddings", { POST: openaiEmbeddings }, { inference: true });
  add(
    "/v1/audio/transcriptions",
    { POST: transcription },
    { inference: true, body: "form", since: "0.20.0" },
  );
  add("/v1/models", { GET: catalog.openaiModels });
  add("/v1/models/", { GET: catalog.openaiModelByName });
  add("/__stand_in/misbehave", { POST: control.misbehave });
  add("/__stand_in/stats", { GET: control.stats });

  return (path) => {
    const route = exact.get(path);
    if (route) return route;
    const slash = path.lastIndexOf("/") + 1;
    return slash < path.length ? below.get(path.slice(0, slash)) : undefined;
  };
}
