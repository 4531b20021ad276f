import type { OllamaRoute } from "../../../shared/api/ollama-routes.ts";
import { TopLevelScan } from "../../../shared/lib/model-scan.ts";
import { JsonBodyGuard } from "./json-body-guard.ts";
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

/** The guard of a request; undefined where a second name changes nothing: of a form's fields Ollama takes the first. */
export function bodyGuard(
  route: OllamaRoute,
  headers: readonly (readonly [string, string])[],
  refuse: (reason: string) => void,
): BodyGuard | undefined {
  const key = route.path === "/api/copy" ? "source" : "model";
  if (route.model !== "json" && key === "model") return undefined;
  const scan = new TopLevelScan([key]);
  const packed = headers.some(
    ([name, value]) => name.toLowerCase() === "content-encoding" && value.trim().toLowerCase() === "zstd",
  );
  return packed ? new ZstdBodyGuard(scan, refuse) : new JsonBodyGuard(scan, refuse);
}
