import type { QueuedRequest, QueueView } from "../../../../../shared/api/queue.ts";
import type { Chat } from "./chat.ts";

/** Further off than this, ms, and it is somebody else's request. */
const AT_MOST_OFF_MS = 3_000;

/**
 * Where a request stands whose stream has no room for saying so (NDJSON): the one in the queue for the same thing that has
 * waited about as long as this one has been away. Lengths of time are compared, never clocks.
 * @param awayMs since it was sent
 */
export function placeOf(
  queue: Pick<QueueView, "items">,
  chat: Pick<Chat, "model" | "agent">,
  path: string,
  awayMs: number,
): { position: number; estimateMs: number | undefined } | undefined {
  const off = ({ waited_ms }: QueuedRequest): number => Math.abs(waited_ms - awayMs);
  const [found] = queue.items
    .filter((item) => item.endpoint === path && off(item) <= AT_MOST_OFF_MS)
    .filter((item) => item.agent_id === (chat.agent?.id ?? null))
    .filter((item) => sameModel(item.model, chat.model))
    .toSorted((a, b) => off(a) - off(b));
  return found === undefined
    ? undefined
    : { position: found.position, estimateMs: found.estimate_ms ?? undefined };
}

/** Names match as Ollama's do. */
const sameModel = (a: string, b: string): boolean => full(a) === full(b);

function full(name: string): string {
  const lower = name.toLowerCase();
  return lower.lastIndexOf(":") > lower.lastIndexOf("/") ? lower : `${lower}:latest`;
}
