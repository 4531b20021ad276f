import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { type ApiError, asApiError } from "./api-error.ts";

export interface Resource<T> {
  /** The newest answer; it stays while a newer one is on its way. */
  data: T | undefined;
  /** Of the newest call; an older answer may still be shown beside it. */
  error: ApiError | undefined;
  loading: boolean;
  reload(): void;
}

/**
 * Asks when the component appears and whenever one of `deps` changes, and forgets what is overtaken.
 * @example const agent = useResource((signal) => call("GET /api/agents/{id}", { params: { id }, signal }), [id]);
 */
export function useResource<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  deps: readonly unknown[],
): Resource<T> {
  const state = useSignal<Omit<Resource<T>, "reload">>({ data: undefined, error: undefined, loading: true });
  const again = useSignal(0);
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    const stop = new AbortController();
    state.value = { ...state.peek(), loading: true };
    latest.current(stop.signal).then(
      (data) => {
        if (!stop.signal.aborted) state.value = { data, error: undefined, loading: false };
      },
      (error: unknown) => {
        if (stop.signal.aborted) return;
        state.value = { data: state.peek().data, error: asApiError(error), loading: false };
      },
    );
    return () => stop.abort();
  }, [...deps, again.value]);
  return {
    ...state.value,
    reload: () => {
      again.value++;
    },
  };
}
