import type { Defer } from "../../shared/mux/transport.ts";

/** Does `task` at the end of the turn, once for any number of calls in it. */
export function onceATurn(defer: Defer, task: () => void): () => void {
  let called = false;
  return () => {
    if (called) return;
    called = true;
    defer(() => {
      called = false;
      task();
    });
  };
}
