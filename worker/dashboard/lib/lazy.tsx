import { useSignal } from "@preact/signals";
import type { ComponentChildren, ComponentType } from "preact";
import { useEffect } from "preact/hooks";

interface Loaded<Props> {
  component?: ComponentType<Props>;
  error?: unknown;
}

/** A component whose code is fetched when it is first shown, and kept. */
export function lazy<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  states: { waiting: () => ComponentChildren; failed: (error: unknown) => ComponentChildren },
): ComponentType<Props> {
  let kept: ComponentType<Props> | undefined;
  return function Lazy(props: Props) {
    const state = useSignal<Loaded<Props>>(kept === undefined ? {} : { component: kept });
    useEffect(() => {
      if (kept !== undefined) {
        state.value = { component: kept };
        return;
      }
      let here = true;
      load().then(
        (component) => {
          kept = component;
          if (here) state.value = { component };
        },
        (error: unknown) => {
          if (here) state.value = { error };
        },
      );
      return () => {
        here = false;
      };
    }, []);
    const { component: Component, error } = state.value;
    if (Component !== undefined) return <Component {...props} />;
    return <>{error === undefined ? states.waiting() : states.failed(error)}</>;
  };
}
