import type { CoordinatorServer } from "./coordinator-server.ts";

/** A join token for one agent that starts at once. */
export async function oneJoinToken(server: CoordinatorServer, name = "this machine"): Promise<string> {
  const made = await server.coordinator.createJoinToken({ name, expires_in_s: 600, max_uses: 1 });
  if (!made.ok) throw new Error(made.error.message);
  return made.value.token;
}
