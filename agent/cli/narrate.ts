import type { Logger } from "pino";
import type { AgentEvent } from "../core/observer.ts";

/**
 * Tells an agent's events in one line each.
 * @param showPairing shows a pairing code to a person, if one looks; false: it belongs into the log
 */
export function narrate(
  log: Logger,
  showPairing: (code: string, dashboardUrl: string) => boolean,
): (event: AgentEvent) => void {
  return (event) => {
    switch (event.type) {
      case "registering":
        log.info(`registering at ${event.url}`);
        return;
      case "registered":
        log.info({ agent_id: event.agentId }, "registered");
        return;
      case "pairing":
        if (showPairing(event.code, event.dashboardUrl)) return;
        // A warning: somebody has to act, or this agent ends.
        log.warn(
          { code: event.code, dashboard_url: event.dashboardUrl, expires_at: event.expiresAt },
          `pairing code ${event.code}: type it at ${event.dashboardUrl} to let this machine in`,
        );
        return;
      case "connecting":
        log.debug(`connecting to ${event.url}`);
        return;
      case "online":
        log.info(
          { agent_id: event.agentId, name: event.name, resumed: event.resumed },
          `online as ${event.name}`,
        );
        return;
      case "offline":
        log.warn(`offline: ${event.reason}`);
        return;
      case "retrying":
        log.warn({ in_ms: event.inMs }, `retrying in ${(event.inMs / 1000).toFixed(1)} s: ${event.reason}`);
        return;
      case "ollama":
        if (event.state === "ok")
          log.info({ version: event.version }, `Ollama ${event.version ?? ""} answers`);
        else
          log.warn({ state: event.state }, `Ollama is ${event.state}: ${event.error ?? "no reason known"}`);
        return;
      case "refused":
        log.warn({ code: event.code }, `refused ${event.method} ${pathOf(event.path)}: ${event.code}`);
        return;
      case "request_failed":
        log.warn(
          { code: event.code },
          `${event.method} ${pathOf(event.path)} failed: ${event.code}: ${event.reason}`,
        );
        return;
      case "running":
        return;
      case "stopping":
        log.info({ running: event.running }, `stopping, ${event.running} running`);
        return;
    }
  };
}

/** A query may carry what its client wants kept to itself. */
function pathOf(target: string): string {
  return target.split("?")[0] ?? target;
}
