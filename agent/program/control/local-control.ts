import type { ProgramApi } from "../program-api.ts";
import type { AgentControl } from "./agent-control.ts";

/** A program of this same process, seen as one of another; `close` is what ends it. */
export function localControl(api: ProgramApi, close: () => Promise<void>): AgentControl {
  return {
    status: async () => api.status(),
    settings: async () => api.settings(),
    perform: (command) => api.perform(command),
    recentLog: async () => api.recentLog(),
    watch(changed) {
      const end = api.subscribe(changed);
      changed(api.status());
      return end;
    },
    close,
  };
}
