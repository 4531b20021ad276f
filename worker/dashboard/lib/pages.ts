import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { call } from "./api.ts";
import { type ApiError, asApiError } from "./api-error.ts";
import type { Arguments, ItemOf, PagedRoute } from "./routes.ts";

export interface Pages<Item> {
  items: readonly Item[];
  error: ApiError | undefined;
  loading: boolean;
  /** Whether there is more to fetch. */
  hasMore: boolean;
  /** Fetches the next page, unless one is on its way: for `Table`'s `onEnd`. */
  more(): void;
  /** Begins anew. */
  reload(): void;
}

interface State<Item> {
  items: readonly Item[];
  error: ApiError | undefined;
  loading: boolean;
  /** Null: at the end; undefined: at the beginning. */
  cursor: string | null | undefined;
}

/** A list that comes by cursor, page after page; begins anew when its query changes. */
export function usePages<R extends PagedRoute>(
  route: R,
  query: Record<string, unknown> = {},
  deps: readonly unknown[] = [],
): Pages<ItemOf<R>> {
  const fresh: State<ItemOf<R>> = { items: [], error: undefined, loading: true, cursor: undefined };
  const state = useSignal(fresh);
  const again = useSignal(0);
  const stop = useRef(new AbortController());
  const text = JSON.stringify(query);

  const fetchPage = (cursor: string | undefined): void => {
    const { signal } = stop.current;
    state.value = { ...state.peek(), loading: true, error: undefined };
    const asked = { query: { limit: 100, ...query, cursor }, signal };
    // Every route of this kind takes the same paging; its own filters are the caller's.
    call(route, ...([asked] as unknown as Arguments<R>)).then(
      (page) => {
        if (signal.aborted) return;
        const before = cursor === undefined ? [] : state.peek().items;
        const items = [...before, ...(page.items as ItemOf<R>[])];
        state.value = { items, error: undefined, loading: false, cursor: page.next_cursor };
      },
      (error: unknown) => {
        if (!signal.aborted) state.value = { ...state.peek(), error: asApiError(error), loading: false };
      },
    );
  };
  useEffect(() => {
    const mine = new AbortController();
    stop.current = mine;
    fetchPage(undefined);
    return () => mine.abort();
  }, [route, text, again.value, ...deps]);

  const { items, error, loading, cursor } = state.value;
  return {
    items,
    error,
    loading,
    hasMore: typeof cursor === "string",
    more: () => {
      const now = state.peek();
      if (!now.loading && typeof now.cursor === "string") fetchPage(now.cursor);
    },
    reload: () => {
      again.value++;
    },
  };
}
