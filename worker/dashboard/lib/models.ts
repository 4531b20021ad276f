import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { ModelView } from "../../../shared/api/models.ts";
import { call } from "./api.ts";
import { revision } from "./feed.ts";
import { type Resource, useResource } from "./resource.ts";

const PAGE = 500;
/** Least time between two questions, ms: while models come and go everywhere the list changes several times a second. */
const EVERY_MS = 1_000;

const changed = revision("models");

/** Every model over the fleet, by name; asked for again when one changes anywhere. */
export function useModels(): Resource<readonly ModelView[]> {
  return useResource(allModels, [useModelsChange()]);
}

/** Another value when a model changes anywhere, at most once a second: a dependency for `useResource`. */
export function useModelsChange(): string {
  return usePaced(changed.value, EVERY_MS);
}

/** @throws ApiError */
export async function allModels(signal: AbortSignal): Promise<readonly ModelView[]> {
  const found: ModelView[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const page = await call("GET /api/admin/models", { query, signal });
    found.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

/** The value, at most once in so many milliseconds; the newest always comes through. */
function usePaced<T>(value: T, ms: number): T {
  const shown = useSignal(value);
  const shownAt = useRef(0);
  useEffect(() => {
    const wait = Math.max(0, shownAt.current + ms - performance.now());
    const timer = setTimeout(() => {
      shownAt.current = performance.now();
      shown.value = value;
    }, wait);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return shown.value;
}
