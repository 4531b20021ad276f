import type { RequestView } from "../api/requests.ts";

/**
 * How a finished request counts: `cancelled` when its client left it, an error when it was answered with a status of 400 or
 * above or its answer broke.
 */
export function outcomeOf({
  status,
  error_code,
}: Pick<RequestView, "status" | "error_code">): "ok" | "error" | "cancelled" {
  if (error_code === "cancelled") return "cancelled";
  return status >= 400 || error_code !== null ? "error" : "ok";
}
