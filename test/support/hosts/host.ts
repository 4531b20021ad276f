import type { AgentView } from "../../../shared/api/agents.ts";
import type { KeyCreate } from "../../../shared/api/keys.ts";

/** A coordinator under test: the same contract on either platform. */
export interface TestHost {
  readonly name: "node" | "workerd";
  readonly url: string;
  readonly adminToken: string;
  /** Where it keeps everything. */
  readonly dataDir: string;
  /** What it has printed and logged since its last start. */
  output(): string;
  /** Processes that run the coordinator. */
  pids(): number[];
  /** Resident memory of the process that runs the coordinator, bytes. */
  memory(): number;
  /** Stops it without a goodbye and starts it again on the same data and the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface HostOptions {
  /** Environment of the coordinator. */
  env?: Record<string, string>;
  /** With the web app, built where it is not; a workerd has none otherwise. */
  dashboard?: boolean;
}

/** JSON of a management call. @throws Error with the answer's text when it is not a success */
export async function admin<T>(host: TestHost, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(host.url + path, {
    method,
    headers: {
      authorization: `Bearer ${host.adminToken}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

export const listAgents = (host: TestHost): Promise<AgentView[]> => admin(host, "GET", "/api/agents");

export async function makeKey(
  host: TestHost,
  input: Partial<KeyCreate> = {},
): Promise<{ id: string; key: string }> {
  return admin(host, "POST", "/api/admin/keys", { name: "test", permissions: ["infer", "manage"], ...input });
}

export async function makeJoinToken(host: TestHost, maxUses = 100): Promise<string> {
  const made = await admin<{ token: string }>(host, "POST", "/api/admin/join-tokens", {
    name: "test",
    max_uses: maxUses,
  });
  return made.token;
}

/** Times of a wait, ms: often at first, and then not so often that asking is what the machine is busy with. */
const LOOK = { every: 20, patient_after: 3_000, patient_every: 100 };

/** Asks again until `found` gives something; a deadline instead of a sleep. */
export async function until<T>(
  what: string,
  found: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 20_000,
): Promise<T> {
  const since = Date.now();
  for (;;) {
    const value = await found();
    if (value !== undefined && value !== false) return value;
    const waited = Date.now() - since;
    if (waited > timeoutMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    const pause = waited < LOOK.patient_after ? LOOK.every : LOOK.patient_every;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
