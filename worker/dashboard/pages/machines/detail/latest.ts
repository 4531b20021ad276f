const SHOWN = 10;

/** The newest of a machine, from the feed and from the history, each once, newest first. */
export function latest<T extends { id: string; at: string; agent_id: string | null }>(
  told: readonly T[],
  asked: readonly T[],
  agentId: string,
): T[] {
  const found = new Map<string, T>();
  for (const one of [...told, ...asked]) if (one.agent_id === agentId) found.set(one.id, one);
  return [...found.values()].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0)).slice(0, SHOWN);
}
