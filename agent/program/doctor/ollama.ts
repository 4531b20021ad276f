import { OLLAMA_ROUTES } from "../../../shared/api/ollama-routes.ts";
import { hasRoute } from "../../../shared/lib/ollama-version.ts";
import { OllamaTarget } from "../../core/forwarder/ollama-target.ts";
import { textOf } from "../../core/network-error.ts";
import { OllamaClient, OllamaError } from "../../core/telemetry/ollama-client.ts";
import type { DoctorDeps } from "./deps.ts";
import { broken, ok, type Result, warning } from "./finding.ts";

const VERSION_MS = 5_000;

/** Whether Ollama answers, how old it is, and what it has. */
export async function examineOllama(
  { ollamaUrl, startsWithAgent = false }: { ollamaUrl: string; startsWithAgent?: boolean | undefined },
  { clock }: DoctorDeps,
): Promise<Result> {
  const target = new OllamaTarget(ollamaUrl);
  const client = new OllamaClient(target, clock);
  try {
    const version = await client.version(VERSION_MS);
    const models = await client.models();
    const found = `${target.base} is version ${version}, models: ${models.length}`;
    const missing = missingRoutes(version);
    if (missing.length > 0) {
      return warning(found, `too old for ${missing.join(", ")}: update Ollama`);
    }
    return models.length === 0
      ? warning(found, "without a model it gets no requests: `ollama pull MODEL`")
      : ok(found);
  } catch (error) {
    const silent = error instanceof OllamaError && error.silent;
    return broken(
      textOf(error),
      silent
        ? "it took the connection and hangs: restart Ollama"
        : startsWithAgent
          ? "start the agent: its own Ollama runs with it"
          : "start Ollama, or say with --ollama-url where it is",
    );
  } finally {
    target.close();
  }
}

/** Paths that came with a later release than `version`; an unknown version (a build of one's own) is trusted. */
function missingRoutes(version: string): string[] {
  const later = OLLAMA_ROUTES.filter(({ since }) => !hasRoute(version, since));
  return [...new Set(later.map(({ path }) => path))];
}
