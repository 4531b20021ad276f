/** A choice that the browser keeps; private windows and full disks refuse, and then it holds until the page is closed. */
export function kept(name: string): string | null {
  try {
    return localStorage.getItem(`coordinator.${name}`);
  } catch {
    return null;
  }
}

/** @param value null: no choice, the default again */
export function keep(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`coordinator.${name}`);
    else localStorage.setItem(`coordinator.${name}`, value);
  } catch {
    // Refused: the choice holds in this page only.
  }
}
