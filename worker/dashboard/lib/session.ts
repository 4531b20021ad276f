import { computed, signal } from "@preact/signals";
import type { SessionView } from "../../../shared/api/session.ts";

/** Who uses this page. Undefined: not known yet; null: nobody, the login page is shown. */
export const session = signal<SessionView | null | undefined>(undefined);

/** Whether this session ended while it was used, so that the login page can say so. */
export const expired = signal(false);

/** False for a viewer: what changes something is shown, but cannot be used. */
export const canChange = computed(() => session.value?.role === "admin");

/** The coordinator no longer knows the session: log in again, and then go on where one was. */
export function sessionEnded(): void {
  if (session.value !== null && session.value !== undefined) expired.value = true;
  session.value = null;
}
