import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { hrefOf, navigate } from "../lib/router.ts";
import { AREAS } from "./area-list.ts";
import { Help } from "./help.tsx";
import { Palette } from "./palette.tsx";
import { chordReader } from "./shortcuts.ts";

export const paletteOpen = signal(false);
export const helpOpen = signal(false);

/** What lies over the page, and the keys that open it. */
export function Overlays() {
  useEffect(() => {
    const read = chordReader(AREAS);
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return;
      const wish = read(event, isTyping(event.target));
      if (wish === undefined) return;
      // A dialog of a page has the keyboard for itself.
      if (wish.kind !== "palette" && document.querySelector("dialog:modal") !== null) return;
      event.preventDefault();
      if (wish.kind === "palette") paletteOpen.value = !paletteOpen.peek();
      else if (wish.kind === "help") helpOpen.value = true;
      else navigate(hrefOf(`/${wish.segment}`));
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
  return (
    <>
      {paletteOpen.value && (
        <Palette
          onClose={() => {
            paletteOpen.value = false;
          }}
          onHelp={() => {
            helpOpen.value = true;
          }}
        />
      )}
      {helpOpen.value && (
        <Help
          onClose={() => {
            helpOpen.value = false;
          }}
        />
      )}
    </>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), textarea, select"))
  );
}
