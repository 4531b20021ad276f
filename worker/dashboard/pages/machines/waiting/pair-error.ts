import type { ApiError } from "../../../lib/api-error.ts";

/** What kind of fault a typed code met; `other`: none that a code explains. */
export type PairFault = "form" | "unknown" | "expired" | "limited" | "conflict" | "other";

const BY_STATUS: Readonly<Record<number, PairFault>> = {
  400: "form",
  404: "unknown",
  409: "conflict",
  410: "expired",
  429: "limited",
};

export const pairFault = ({ status }: Pick<ApiError, "status">): PairFault => BY_STATUS[status] ?? "other";
