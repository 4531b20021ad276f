import { randomBytes } from "node:crypto";
import { makeToken } from "../../shared/lib/token.ts";
import type { Coordinator } from "../coordinator/coordinator.ts";
import { readSecrets, type Secrets, writeSecrets } from "./secrets-file.ts";

/** The admin token to start with: of an earlier run, or a new one that `completeSecrets` will keep. */
export function adminTokenOf(dataDir: string): string {
  return readSecrets(dataDir)?.admin_token ?? makeToken("admin", randomBytes(32));
}

/** On the first run: one client key and one join token, kept with the admin token. */
export async function completeSecrets(
  dataDir: string,
  coordinator: Coordinator,
  adminToken: string,
): Promise<{ secrets: Secrets; first: boolean }> {
  const known = readSecrets(dataDir);
  if (known !== undefined) return { secrets: known, first: false };
  const key = await coordinator.createKey({
    name: "first key",
    permissions: ["infer", "manage"],
    path: false,
  });
  const join = await coordinator.createJoinToken({
    name: "first join token",
    expires_in_s: 86_400,
    max_uses: 100,
  });
  if (!key.ok || !join.ok) throw new Error("the first credentials could not be made");
  const secrets = { admin_token: adminToken, client_key: key.value.key, join_token: join.value.token };
  writeSecrets(dataDir, secrets);
  return { secrets, first: true };
}
