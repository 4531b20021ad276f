import type { SupervisorEvent } from "../ollama/supervise/observer.ts";

/** What happens to a managed Ollama, in one line; undefined: nothing that a log should keep. */
export function supervisorText(event: SupervisorEvent): { level: "info" | "warn"; text: string } | undefined {
  switch (event.type) {
    case "starting":
      return { level: "info", text: `starting Ollama ${event.version} at ${event.url}` };
    case "restarting":
      return {
        level: "warn",
        text: `Ollama ended (${event.reason}): starting it again in ${(event.inMs / 1_000).toFixed(1)} s`,
      };
    case "left_behind":
      return { level: "warn", text: `processes that the system does not end: ${event.pids.join(", ")}` };
    case "orphans_ended":
      return {
        level: "info",
        text: `ended what an earlier run had left: processes ${event.pids.join(", ")}`,
      };
    case "running":
    case "stopped":
      return undefined;
  }
}
