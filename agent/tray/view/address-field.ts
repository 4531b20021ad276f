import type { AddressModel } from "../window-model.ts";
import { type Context, lockedBecause } from "./context.ts";

/** The field for the coordinator's address: alone on the first day, in its section later. */
export function addressField(context: Context, place: "welcome" | "connection"): AddressModel {
  const { words, settings, status } = context;
  return {
    label: words[place].label,
    hint: words[place].hint,
    button: place === "welcome" ? words.welcome.button : words.connection.change,
    locked: lockedBecause(context, "coordinator_url"),
    value: settings.coordinator_url ?? status.coordinator_url ?? "",
    placeholder: words.address.placeholder,
    paste: words.address.paste,
    paste_empty: words.address.pasteEmpty,
    exposed: words.address.exposed,
    problems: words.address.problems,
  };
}
