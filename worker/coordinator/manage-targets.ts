import type { ChoiceReason } from "../../shared/api/choice-reasons.ts";
import type { ErrorCode } from "../../shared/api/errors.ts";
import { canonicalName, isCloudName } from "../../shared/lib/model-name.ts";
import type { Agent } from "./agent.ts";
import type { Call } from "./api.ts";
import { NO_CLOUD } from "./candidates.ts";
import type { Registry } from "./registry.ts";

export type ManageTargets =
  | { kind: "agents"; agents: [Agent, ...Agent[]]; reason: ChoiceReason; merged: boolean }
  | { kind: "refused"; code: ErrorCode; message: string };

const refused = (code: ErrorCode, message: string): ManageTargets => ({ kind: "refused", code, message });

/**
 * Which machines an administration request changes: the one that `X-Agent` names, all of them for `*`, and otherwise
 * what the route means over a fleet.
 */
export function manageTargets(call: Call, registry: Registry, now: number, windowMs: number): ManageTargets {
  const online = [...registry.all()].filter((agent) => agent.presence(now, windowMs) === "online");
  const cloud = call.model !== undefined && isCloudName(call.model);
  if (call.agent !== undefined && call.agent !== "*") return named(call.agent, registry, online, cloud);
  if (cloud && !online.some((agent) => agent.allowsCloud)) return refused("forbidden", NO_CLOUD);
  if (online.length === 0) return refused("no_agents", "no machine is online");
  const allowed = online.filter((agent) => agent.facts.allow_manage && (!cloud || agent.allowsCloud));
  if (allowed.length === 0) return refused("forbidden", "no machine that is online may be administered");
  const [first, ...rest] = allowed.filter((agent) => !agent.yields);
  if (first === undefined) return refused("model_offline", "the machines' owners need them now");
  const all: [Agent, ...Agent[]] = [first, ...rest];

  if (call.agent === "*") {
    if (call.endpoint.startsWith("/api/blobs/")) {
      return refused("bad_request", "X-Agent: * is not possible for blobs; name one machine");
    }
    const streams = call.endpoint === "/api/pull" || call.endpoint === "/api/create";
    return { kind: "agents", agents: all, reason: "pinned", merged: streams };
  }
  switch (call.endpoint) {
    case "/api/pull": {
      const lacking = ready(all).filter(
        (agent) => agent.model(canonicalName(call.model ?? "")) === undefined,
      );
      const candidates = lacking.length > 0 ? lacking : ready(all);
      const chosen = candidates.reduce((best, agent) => (agent.inFlight < best.inFlight ? agent : best));
      return { kind: "agents", agents: [chosen], reason: "least-loaded", merged: false };
    }
    case "/api/delete":
    case "/api/copy": {
      const canonical = canonicalName(call.model ?? "");
      const [holder, ...others] = all.filter((agent) => agent.model(canonical) !== undefined);
      if (holder === undefined) {
        // Ollama's own words, which differ by route.
        const quote = call.endpoint === "/api/copy" ? '"' : "'";
        return refused("model_not_found", `model ${quote}${call.model ?? ""}${quote} not found`);
      }
      return { kind: "agents", agents: [holder, ...others], reason: "only-holder", merged: false };
    }
    default: {
      // A blob and the model made of it must land on the same machine, so a key always gets the same one.
      const key = call.caller.kind === "key" ? call.caller.key_id : call.caller.kind;
      const chosen = ready(all).reduce((best, agent) =>
        score(key, agent.id) > score(key, best.id) ? agent : best,
      );
      return { kind: "agents", agents: [chosen], reason: "sticky", merged: false };
    }
  }
}

/** Those that take work now, where there are any: not a machine that is drained, or whose Ollama is away. */
function ready(agents: readonly Agent[]): readonly Agent[] {
  const taking = agents.filter((agent) => agent.notRoutable("online") === undefined);
  return taking.length > 0 ? taking : agents;
}

function named(name: string, registry: Registry, online: readonly Agent[], cloud: boolean): ManageTargets {
  const agent = registry.find(name);
  if (agent === undefined) return refused("bad_request", `X-Agent: there is no agent '${name}'`);
  if (!online.includes(agent)) return refused("model_offline", `machine '${agent.name}' is offline`);
  if (!agent.facts.allow_manage) {
    return refused("forbidden", `the owner of machine '${agent.name}' does not allow administration`);
  }
  if (cloud && !agent.allowsCloud) {
    return refused("forbidden", `the owner of machine '${agent.name}' does not allow models of ollama.com`);
  }
  if (agent.yields) return refused("model_offline", `the owner of machine '${agent.name}' needs it now`);
  return { kind: "agents", agents: [agent], reason: "pinned", merged: false };
}

/** Rendezvous hashing (FNV-1a): the choice of a key moves only when its own machine leaves. */
function score(key: string, agentId: string): number {
  let hash = 0x811c9dc5;
  for (const char of `${key} ${agentId}`) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  return hash >>> 0;
}
