import { logout } from "../lib/login.ts";
import { common } from "../text/common/index.ts";
import { toast } from "../ui/toast.tsx";

/** Logs out, or says that it did not. */
export function leave(): void {
  logout().catch(() => toast(common.value.user.stillIn, "bad"));
}
