/** How a key that came in the path travels from the edge to the check; removed from every request that did not get it there. */
export const PATH_KEY_HEADER = "x-coordinator-path-key";

/** Headers that only the coordinator itself may set on a request. */
export const INTERNAL_HEADERS = [
  PATH_KEY_HEADER,
  "x-coordinator-call",
  "x-coordinator-outcome",
  "x-coordinator-agent-id",
  "x-coordinator-viewer",
];

/**
 * Splits `/k/KEY/api/chat?x` into the key and `/api/chat?x`; undefined when there is no such prefix. Nothing behind
 * the edge sees the key in a URL, so it cannot get into a log.
 */
export function cutPathKey(pathAndQuery: string): { key: string; rest: string } | undefined {
  const match = /^\/k\/([^/?]+)(\/.*|\?.*)?$/s.exec(pathAndQuery);
  if (match === null) return undefined;
  const rest = match[2] ?? "/";
  return { key: match[1] ?? "", rest: rest.startsWith("?") ? `/${rest}` : rest };
}
