import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { IconName } from "../ui/icons.tsx";

/** Something that the command palette can do. */
export interface Command {
  id: string;
  /** Searched, and shown as a name that somebody may have chosen. */
  label: string;
  icon: IconName;
  run: () => void;
}

/** What pages have added, beside the pages, machines and models that the palette knows by itself. */
export const added = signal<readonly Command[]>([]);

/** Offers commands in the palette while the component is shown: `useCommands(() => [...], [deps])`. */
export function useCommands(make: () => readonly Command[], deps: readonly unknown[]): void {
  useEffect(() => {
    const mine = make();
    added.value = [...added.peek(), ...mine];
    return () => {
      added.value = added.peek().filter((one) => !mine.includes(one));
    };
  }, deps);
}
