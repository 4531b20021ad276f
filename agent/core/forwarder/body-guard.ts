import type { OllamaRoute } from "../../../shared/api/ollama-routes.ts";
import { FormBodyGuard } from "./form-body-guard.ts";
import { JsonBodyGuard } from "./json-body-guard.ts";
import { NameScan } from "./name-scan.ts";
import { SEARCHING_PATH, SearchScan } from "./search-scan.ts";
import { ZstdBodyGuard } from "./zstd-body-guard.ts";

/**
 * Reads along while a body passes. The coordinator looks only at the beginning, where it finds the model that it checks; a
 * second `model` further on would be the one that Ollama takes. So no piece goes on before it was looked at, and of a body
 * with two names the last piece never does.
 */
export interface BodyGuard {
  /** Calls `pass` with these bytes once they were looked at, in order. */
  take(bytes: Uint8Array, pass: (bytes: Uint8Array) => void): void;
  /** Calls `done` behind all that was taken. */
  end(done: () => void): void;
  close(): void;
}

/** What is wrong with a body: it may not be read alike by all, or its owner does not let its model be used. */
export type Refuse = (code: "body_refused" | "owner_refused", reason: string) => void;

export interface GuardOptions {
  headers: readonly (readonly [string, string])[];
  /** Whether the owner lets a model be used, by the name that the body has. */
  allows(model: string): boolean;
  /** Whether a request may search the web on ollama.com, on the owner's account. */
  maySearch: boolean;
  refuse: Refuse;
}

/** Where routes name models: some take the older `name` where `model` is empty, and `create` makes a model of another. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  "/api/copy": ["source", "destination"],
  "/api/create": ["model", "name", "from"],
  "/api/delete": ["model", "name"],
  "/api/pull": ["model", "name"],
  "/api/show": ["model", "name"],
};

/** The guard of a request; undefined where its body names no model. */
export function bodyGuard(
  route: OllamaRoute,
  { headers, allows, maySearch, refuse }: GuardOptions,
): BodyGuard | undefined {
  if (route.model === "multipart") return new FormBodyGuard(headers, allows, refuse);
  const keys = KEYS[route.path] ?? (route.model === "json" ? ["model"] : undefined);
  if (keys === undefined) return undefined;
  const search = route.path === SEARCHING_PATH && !maySearch ? new SearchScan() : undefined;
  const scan = new NameScan({ keys, allows, search });
  const packed = headers.some(
    ([name, value]) => name.toLowerCase() === "content-encoding" && value.trim().toLowerCase() === "zstd",
  );
  return packed ? new ZstdBodyGuard(scan, refuse) : new JsonBodyGuard(scan, refuse);
}
