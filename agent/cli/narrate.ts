import type { Logger } from "pino";
import type { AgentEvent } from "../core/observer.ts";
import { type Note, textOfEvent } from "../program/event-text.ts";
import { cleanText } from "./view/fit-text.ts";

/**
 * Tells what happens in one line each.
 * @param showPairing shows a pairing code to a person, if one looks; false: it belongs into the log
 */
export function narrate(
  log: Logger,
  showPairing: (code: string, dashboardUrl: string) => boolean,
): (event: AgentEvent | Note) => void {
  return (event) => {
    if (event.type === "pairing" && showPairing(event.code, event.dashboardUrl)) return;
    const told = textOfEvent(event);
    if (told !== undefined) log[told.level](told.fields, cleanText(told.text));
  };
}
