import type { AgentEvent } from "../core/observer.ts";

export type Level = "debug" | "info" | "warn";

/** One line of what happened, for a log. */
export interface EventText {
  level: Level;
  text: string;
  fields: Record<string, unknown>;
}

/** What happens beside the agent itself: to its Ollama, and by its owner. */
export interface Note {
  type: "note";
  level: Level;
  text: string;
}

/** undefined: nothing that a log should keep. */
export function textOfEvent(event: AgentEvent | Note): EventText | undefined {
  switch (event.type) {
    case "note":
      return line(event.level, event.text);
    case "registering":
      return line("info", `registering at ${event.url}`);
    case "registered":
      return line("info", "registered", { agent_id: event.agentId });
    case "pairing":
      // A warning: somebody has to act.
      return line(
        "warn",
        `pairing code ${event.code}: type it at ${event.dashboardUrl} to let this machine in`,
        {
          code: event.code,
          dashboard_url: event.dashboardUrl,
          expires_at: event.expiresAt,
        },
      );
    case "connecting":
      return line("debug", `connecting to ${event.url}`);
    case "online":
      return line("info", `online as ${event.name}`, {
        agent_id: event.agentId,
        name: event.name,
        resumed: event.resumed,
      });
    case "offline":
      return line("warn", `offline: ${event.reason}`);
    case "retrying":
      return line("warn", `retrying in ${(event.inMs / 1000).toFixed(1)} s: ${event.reason}`, {
        in_ms: event.inMs,
      });
    case "ollama":
      return event.state === "ok"
        ? line("info", `Ollama ${event.version ?? ""} answers`, { version: event.version })
        : line("warn", `Ollama is ${event.state}: ${event.error ?? "no reason known"}`, {
            state: event.state,
          });
    case "refused":
      return line("warn", `refused ${event.method} ${pathOf(event.path)}: ${event.code}`, {
        code: event.code,
      });
    case "request_failed":
      return line("warn", `${event.method} ${pathOf(event.path)} failed: ${event.code}: ${event.reason}`, {
        code: event.code,
      });
    case "stopping":
      return line("info", `stopping, ${event.running} running`, { running: event.running });
    case "running":
    case "seen":
      return undefined;
  }
}

function line(level: Level, text: string, fields: Record<string, unknown> = {}): EventText {
  return { level, text, fields };
}

/** A query may carry what its client wants kept to itself. */
function pathOf(target: string): string {
  return target.split("?")[0] ?? target;
}
