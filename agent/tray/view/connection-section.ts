import type { CommandButton, WindowModel } from "../window-model.ts";
import { addressField } from "./address-field.ts";
import { type Context, hostOf, secondsUntil } from "./context.ts";
import { dashboardOf } from "./menu.ts";
import { whyNotYet } from "./summary.ts";

type Section = WindowModel["connection"];

export function connectionSection(context: Context): Section {
  const { words } = context;
  const url = dashboardOf(context);
  return {
    title: words.connection.title,
    address: addressField(context, "connection"),
    state: stateOf(context),
    pairing: pairingOf(context),
    actions: actionsOf(context),
    dashboard: url === null ? null : { label: words.connection.dashboard, url },
  };
}

function stateOf(context: Context): Section["state"] {
  const { status, words, format, now } = context;
  const { connection } = status;
  switch (connection.state) {
    case "unconfigured":
      return { headline: words.state.unconfigured, detail: words.state.unconfiguredDetail, tone: "calm" };
    case "registering":
      return { headline: words.state.registering, detail: whyNotYet(context), tone: "calm" };
    case "pairing":
      return { headline: words.state.pairing, detail: connection.problem, tone: "calm" };
    case "not_paired":
      return {
        headline: words.connection[connection.why === "expired" ? "expiredTitle" : "rejectedTitle"],
        detail: connection.message,
        tone: "bad",
      };
    case "connecting":
      return { headline: words.state.connecting, detail: whyNotYet(context), tone: "calm" };
    case "online": {
      const host = hostOf(status.coordinator_url);
      const since = words.connection.since(format.moment(new Date(connection.since), now));
      const detail = host === null ? since : `${words.state.to(host)} · ${since}`;
      return { headline: words.state.connected, detail, tone: "good" };
    }
    case "stopped":
      return { headline: words.state.stopped, detail: connection.message, tone: "bad" };
  }
}

function pairingOf({ status, words, format, now }: Context): Section["pairing"] {
  const { connection } = status;
  if (connection.state !== "pairing") return null;
  const left = secondsUntil(connection.expires_at, now);
  return {
    title: words.connection.pairingTitle,
    detail: words.connection.pairingText,
    label: words.connection.code,
    code: connection.code,
    copy: words.connection.copyCode,
    expires: left > 0 ? words.connection.expires(format.countdown(left)) : words.connection.expired,
  };
}

function actionsOf({ status, words }: Context): CommandButton[] {
  const again = (label: string): CommandButton => ({
    label,
    commands: [{ type: "pair" }],
    enabled: true,
    look: "primary",
    confirm: null,
  });
  switch (status.connection.state) {
    case "not_paired":
      return [again(words.connection.askAgain)];
    case "stopped":
      return [
        again(words.connection.tryAgain),
        {
          label: words.connection.startOver,
          // Forgetting alone would leave a machine that nobody lets in.
          commands: [{ type: "logout" }, { type: "pair" }],
          enabled: true,
          look: "plain",
          confirm: words.connection.startOverConfirm,
        },
      ];
    default:
      return [];
  }
}
