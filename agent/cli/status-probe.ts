import { z } from "zod";
import { parseJson } from "../core/answer.ts";
import { below } from "../core/coordinator-url.ts";
import { IdentityFile } from "../core/identity/identity-file.ts";
import { DIRECT, proxyRoute } from "../core/proxy.ts";
import { type Probe, probe } from "./probe.ts";
import type { Settings } from "./settings.ts";
import type { StatusReport } from "./status-report.ts";

const versionAnswer = z.object({ version: z.string() });

/** What can be found out where no agent runs. @throws IdentityError */
export async function probedReport(settings: Settings): Promise<StatusReport> {
  const identity = await new IdentityFile(settings.stateDir).read();
  const coordinatorUrl = settings.coordinatorUrl ?? identity?.coordinator_url;
  const [coordinator, ollama] = await Promise.all([
    coordinatorUrl === undefined
      ? undefined
      : proxyRoute(process.env).then((proxy) => probe(below(coordinatorUrl, "/healthz"), proxy)),
    probe(below(settings.ollamaUrl, "/api/version"), DIRECT),
  ]);
  const version = ollama.ok ? versionAnswer.safeParse(parseJson(ollama.body)).data?.version : undefined;
  return {
    running: false,
    registered: identity !== undefined,
    state_dir: settings.stateDir,
    coordinator_url: coordinatorUrl ?? null,
    agent_id: identity?.agent_id ?? null,
    name: identity?.name ?? null,
    coordinator:
      coordinator === undefined ? null : { reachable: isOk(coordinator), error: errorOf(coordinator) },
    ollama: {
      url: settings.ollamaUrl,
      reachable: version !== undefined,
      version: version ?? null,
      error: errorOf(ollama) ?? (version === undefined ? "does not answer as Ollama does" : null),
    },
    agent: null,
  };
}

function isOk(result: Probe): boolean {
  return result.ok && result.status === 200;
}

function errorOf(result: Probe): string | null {
  if (!result.ok) return result.error;
  return result.status === 200 ? null : `HTTP ${result.status}`;
}

export function probedLines(found: StatusReport): string {
  const { coordinator, ollama } = found;
  const identity = found.registered ? `registered as ${found.name} (${found.agent_id})` : "not registered";
  const there =
    coordinator === null
      ? "unknown"
      : coordinator.reachable
        ? "reachable"
        : `not reachable: ${coordinator.error}`;
  return [
    `agent        does not run; ${identity}, state in ${found.state_dir}`,
    `coordinator  ${found.coordinator_url ?? "no URL known"}: ${there}`,
    `Ollama       ${ollama.url}: ${ollama.reachable ? `version ${ollama.version}` : `not reachable: ${ollama.error}`}`,
    "",
  ].join("\n");
}
