import { canonicalName } from "../../shared/lib/model-name.ts";
import { compareVersions } from "../../shared/lib/ollama-version.ts";
import type { LoadedModel, Model } from "../../shared/protocol/messages.ts";
import type { Agent } from "./agent.ts";
import { resolve, type Substitutions, usable } from "./aliases.ts";
import { type Replica, timeOf } from "./scheduling/replica.ts";

/** `GET /api/tags` over several machines: a name once, with the newest digest; newest first, as Ollama sorts. */
export function mergeTags(agents: readonly Agent[]): Model[] {
  const byName = new Map<string, Replica>();
  for (const agent of agents) {
    for (const replica of agent.replicas) {
      if (!replica.present) continue;
      const known = byName.get(replica.model);
      if (known === undefined || replica.modifiedAt > known.modifiedAt) byName.set(replica.model, replica);
    }
  }
  return [...byName.values()].sort((a, b) => b.modifiedAt - a.modifiedAt).map(({ entry }) => entry);
}

/**
 * The list as one caller sees it, with an entry for each alias of a model that is in it: the model's own under the alias's name.
 * A real model under that name is left out, since requests do not reach it.
 */
export function withAliases(
  models: readonly Model[],
  settings: Substitutions,
  maySee: (name: string) => boolean,
): Model[] {
  const names = Object.keys(settings.aliases);
  if (names.length === 0) return models.filter((model) => maySee(model.name));
  const byName = new Map(models.map((model) => [canonicalName(model.name), model]));
  const taken = new Set(names.map(canonicalName));
  const listed = models.filter((model) => !taken.has(canonicalName(model.name)) && maySee(model.name));
  for (const name of names) {
    for (const candidate of usable(resolve(name, settings).candidates, maySee(name), maySee)) {
      const model = byName.get(candidate.model);
      if (model === undefined) continue;
      listed.push({ ...model, name, ...(model.model === undefined ? {} : { model: name }) });
      break;
    }
  }
  return listed.sort((a, b) => timeOf(b.modified_at) - timeOf(a.modified_at));
}

/** `GET /api/ps` over several machines: a name once, the copy that stays longest; latest expiry first, as Ollama sorts. */
export function mergePs(agents: readonly Agent[]): LoadedModel[] {
  const byName = new Map<string, LoadedModel>();
  for (const agent of agents) {
    for (const model of agent.state.loaded ?? []) {
      const name = canonicalName(model.name);
      const known = byName.get(name);
      if (known === undefined || timeOf(model.expires_at) > timeOf(known.expires_at)) byName.set(name, model);
    }
  }
  return [...byName.values()].sort((a, b) => timeOf(b.expires_at) - timeOf(a.expires_at));
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
