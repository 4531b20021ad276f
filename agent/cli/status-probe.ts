import { systemClock } from "../core/clock.ts";
import { below } from "../core/coordinator-url.ts";
import { OllamaTarget } from "../core/forwarder/ollama-target.ts";
import { IdentityFile } from "../core/identity/identity-file.ts";
import { textOf } from "../core/network-error.ts";
import { proxyRoute } from "../core/proxy.ts";
import { OllamaClient } from "../core/telemetry/ollama-client.ts";
import { type Probe, probe } from "./probe.ts";
import type { Settings } from "./settings.ts";
import type { StatusReport } from "./status-report.ts";

const OLLAMA_MS = 5_000;

/** What can be found out where no agent runs. @throws IdentityError */
export async function probedReport(settings: Settings): Promise<StatusReport> {
  const identity = await new IdentityFile(settings.stateDir).read();
  const coordinatorUrl = settings.coordinatorUrl ?? identity?.coordinator_url;
  const [coordinator, ollama] = await Promise.all([
    coordinatorUrl === undefined
      ? undefined
      : proxyRoute(process.env).then((proxy) => probe(below(coordinatorUrl, "/healthz"), proxy)),
    probedOllama(settings.ollamaUrl),
  ]);
  return {
    running: false,
    registered: identity !== undefined,
    state_dir: settings.stateDir,
    coordinator_url: coordinatorUrl ?? null,
    agent_id: identity?.agent_id ?? null,
    name: identity?.name ?? null,
    coordinator:
      coordinator === undefined ? null : { reachable: isOk(coordinator), error: errorOf(coordinator) },
    ollama,
    agent: null,
  };
}

async function probedOllama(url: string): Promise<StatusReport["ollama"]> {
  const target = new OllamaTarget(url);
  try {
    const version = await new OllamaClient(target, systemClock).version(OLLAMA_MS);
    return { url, reachable: true, version, error: null };
  } catch (error) {
    return { url, reachable: false, version: null, error: textOf(error) };
  } finally {
    target.close();
  }
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
