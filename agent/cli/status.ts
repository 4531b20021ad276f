import { z } from "zod";
import { parseJson } from "../core/answer.ts";
import { below } from "../core/coordinator-url.ts";
import { IdentityError, IdentityFile } from "../core/identity/identity-file.ts";
import { DIRECT, proxyRoute } from "../core/proxy.ts";
import { EXIT } from "./exit-codes.ts";
import { type Probe, probe } from "./probe.ts";
import type { Settings } from "./settings.ts";

const versionAnswer = z.object({ version: z.string() });

interface Status {
  registered: boolean;
  state_dir: string;
  coordinator_url: string | null;
  agent_id: string | null;
  name: string | null;
  coordinator: { reachable: boolean; error: string | null } | null;
  ollama: { url: string; reachable: boolean; version: string | null; error: string | null };
}

/** Says who this agent is and whether its two neighbours can be reached; exit code 0 when all is well. */
export async function status(settings: Settings): Promise<number> {
  try {
    const found = await gather(settings);
    process.stdout.write(settings.json ? `${JSON.stringify(found, null, 2)}\n` : lines(found));
    const well = found.registered && found.coordinator?.reachable === true && found.ollama.reachable;
    return well ? EXIT.ok : EXIT.fatal;
  } catch (error) {
    if (!(error instanceof IdentityError)) throw error;
    process.stderr.write(`agent: ${error.message}\n`);
    return EXIT.fatal;
  }
}

async function gather(settings: Settings): Promise<Status> {
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
  };
}

function isOk(result: Probe): boolean {
  return result.ok && result.status === 200;
}

function errorOf(result: Probe): string | null {
  if (!result.ok) return result.error;
  return result.status === 200 ? null : `HTTP ${result.status}`;
}

function lines(found: Status): string {
  const { coordinator, ollama } = found;
  const identity = found.registered ? `registered as ${found.name} (${found.agent_id})` : "not registered";
  const there =
    coordinator === null
      ? "unknown"
      : coordinator.reachable
        ? "reachable"
        : `not reachable: ${coordinator.error}`;
  return [
    `agent        ${identity}, state in ${found.state_dir}`,
    `coordinator  ${found.coordinator_url ?? "no URL known"}: ${there}`,
    `Ollama       ${ollama.url}: ${ollama.reachable ? `version ${ollama.version}` : `not reachable: ${ollama.error}`}`,
    "",
  ].join("\n");
}
