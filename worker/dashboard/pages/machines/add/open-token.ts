import type { JoinTokenView } from "../../../../../shared/api/keys.ts";

/** Whether it still lets a machine in. @param now ms */
export const isOpen = (
  token: Pick<JoinTokenView, "expires_at" | "uses" | "max_uses">,
  now: number,
): boolean => token.uses < token.max_uses && Date.parse(token.expires_at) > now;
