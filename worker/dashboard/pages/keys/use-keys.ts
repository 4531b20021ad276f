import type { KeyView } from "../../../../shared/api/keys.ts";
import { call } from "../../lib/api.ts";
import { revision } from "../../lib/feed.ts";
import { type Resource, useResource } from "../../lib/resource.ts";
import { useActivity } from "./activity.ts";

const PAGE = 200;

const keysRevision = revision("keys");

/** All keys, and what they use now; asked for again when one was changed or used. */
export function useKeys(): Resource<KeyView[]> {
  return useResource(allKeys, [keysRevision.value, useActivity()]);
}

async function allKeys(signal: AbortSignal): Promise<KeyView[]> {
  const all: KeyView[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const page = await call("GET /api/admin/keys", { query, signal });
    all.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return all;
}
