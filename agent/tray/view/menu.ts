import type { Command } from "../../program/command.ts";
import { dashboardUrl, mayOpen } from "../open-external.ts";
import { PAUSES, type Pause, pauseUntil } from "../pause-until.ts";
import type { Context } from "./context.ts";
import type { Summary } from "./summary.ts";

/** What a click asks for. How long a pause lasts is reckoned at the click: a menu may stay open for an hour. */
export type TrayAction =
  | { type: "command"; command: Command }
  | { type: "pause"; pause: Pause }
  | { type: "open"; url: string }
  | { type: "window" }
  | { type: "quit" };

export type MenuItem =
  | { type: "separator" }
  /** Only to be read. */
  | { type: "line"; label: string }
  | { type: "item"; label: string; enabled: boolean; action: TrayAction };

export function menuOf(context: Context, summary: Summary): MenuItem[] {
  const { status, words, format } = context;
  const configured = status.connection.state !== "unconfigured";
  const url = dashboardOf(context);
  return [
    { type: "line", label: summary.headline },
    ...(summary.detail === null ? [] : [{ type: "line" as const, label: oneLine(summary.detail) }]),
    { type: "line", label: words.menu.requests(format.count(status.running), status.running === 1) },
    { type: "separator" },
    ...(isPaused(context)
      ? [item(words.menu.resume, true, { type: "command", command: { type: "resume" } })]
      : PAUSES.filter((pause) => pause !== "open").map((pause) =>
          item(pauseLabel(context, pause), configured, { type: "pause", pause }),
        )),
    { type: "separator" },
    item(words.menu.dashboard, url !== null, { type: "open", url: url ?? "" }),
    item(words.menu.settings, true, { type: "window" }),
    { type: "separator" },
    item(words.menu.quit, true, { type: "quit" }),
  ];
}

function item(label: string, enabled: boolean, action: TrayAction): MenuItem {
  return { type: "item", label, enabled, action };
}

/** Whether the owner has paused it: only that ends by resuming. */
export function isPaused({ status }: Context): boolean {
  return status.sharing.state === "yielding" && status.sharing.reason === "paused";
}

/** The dashboard to open: the one that pairing names where that may be opened, else the coordinator's own. */
export function dashboardOf({ status }: Context): string | null {
  const { connection, coordinator_url } = status;
  if (connection.state === "pairing" && mayOpen(connection.dashboard_url, coordinator_url)) {
    return connection.dashboard_url;
  }
  return dashboardUrl(coordinator_url);
}

function pauseLabel({ words, format, now }: Context, pause: "hour" | "tomorrow"): string {
  const end = pauseUntil(pause, now);
  const when = end === null ? "" : format.moment(end, now);
  if (pause === "hour") return words.menu.pauseHour(when);
  return end?.getDate() === now.getDate() ? words.menu.pauseMorning(when) : words.menu.pauseTomorrow(when);
}

/** Native menus do not wrap: one long message would make the menu as wide as the screen. */
const MENU_WIDTH = 70;
function oneLine(text: string): string {
  return text.length <= MENU_WIDTH ? text : `${text.slice(0, MENU_WIDTH - 1)}…`;
}
