import { canonicalName } from "../../shared/lib/model-name.ts";
import type { LoadedModel, Model } from "../../shared/protocol/messages.ts";
import type { Agent } from "./agent.ts";
import { compareVersions } from "./ollama-version.ts";

/** `GET /api/tags` over several machines: a name once, with the newest digest; newest first, as Ollama sorts. */
export function mergeTags(agents: readonly Agent[]): Model[] {
  const byName = new Map<string, Model>();
  for (const agent of agents) {
    for (const model of agent.state.models ?? []) {
      if (model.remote_host !== undefined || model.remote_model !== undefined) continue;
      const name = canonicalName(model.name);
      const known = byName.get(name);
      if (known === undefined || time(model.modified_at) > time(known.modified_at)) byName.set(name, model);
    }
  }
  return [...byName.values()].sort((a, b) => time(b.modified_at) - time(a.modified_at));
}

/** `GET /api/ps` over several machines: a name once, the copy that stays longest; latest expiry first, as Ollama sorts. */
export function mergePs(agents: readonly Agent[]): LoadedModel[] {
  const byName = new Map<string, LoadedModel>();
  for (const agent of agents) {
    for (const model of agent.state.loaded ?? []) {
      const name = canonicalName(model.name);
      const known = byName.get(name);
      if (known === undefined || time(model.expires_at) > time(known.expires_at)) byName.set(name, model);
    }
  }
  return [...byName.values()].sort((a, b) => time(b.expires_at) - time(a.expires_at));
}

/** A time zone makes string comparison wrong: machines report local offsets. */
function time(text: string | undefined): number {
  const ms = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? 0 : ms;
}

export function lowestVersion(agents: readonly Agent[]): string | undefined {
  let lowest: string | undefined;
  for (const agent of agents) {
    const version = agent.ollamaVersion;
    if (version === undefined || version === "") continue;
    if (lowest === undefined || compareVersions(version, lowest) < 0) lowest = version;
  }
  return lowest;
}
