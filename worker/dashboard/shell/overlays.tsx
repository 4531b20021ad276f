import { signal } from "@preact/signals";

export const paletteOpen = signal(false);
export const helpOpen = signal(false);

/** What lies over the page: the command palette and the help. */
export function Overlays() {
  return null;
}
