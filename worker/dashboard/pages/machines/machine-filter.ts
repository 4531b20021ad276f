import type { FeedAgent } from "../../../../shared/api/feed.ts";
import { isGroup, looksOf, stateOf } from "./machine-state.ts";

export interface MachineFilter {
  /** Words that all must occur somewhere. */
  text: string;
  /** A group of states; anything else: all. */
  state: string;
  tag: string;
}

/** The machines that pass; a list that is not filtered is the very same list. */
export function filterMachines(agents: readonly FeedAgent[], filter: MachineFilter): readonly FeedAgent[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const group = isGroup(filter.state) ? filter.state : undefined;
  if (words.length === 0 && group === undefined && filter.tag === "") return agents;
  return agents.filter((agent) => {
    if (group !== undefined && looksOf(stateOf(agent)).group !== group) return false;
    if (filter.tag !== "" && !agent.tags.includes(filter.tag)) return false;
    if (words.length === 0) return true;
    const text = textOf(agent);
    return words.every((word) => text.includes(word));
  });
}

function textOf(agent: FeedAgent): string {
  const parts = [agent.name, agent.ip_address, agent.os, agent.ollama_version, agent.note];
  return [...parts, ...agent.tags, ...agent.loaded, ...agent.gpu_names].join("\n").toLowerCase();
}

export function allTags(agents: readonly { tags: readonly string[] }[]): string[] {
  return [...new Set(agents.flatMap(({ tags }) => tags))].sort((a, b) => a.localeCompare(b));
}
