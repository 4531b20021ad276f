import type { Settings } from "../../shared/api/settings.ts";
import { TIMES } from "../../shared/protocol/limits.ts";
import type { Hello, Welcome } from "../../shared/protocol/messages.ts";
import type { StoredAgent } from "./store.ts";

/** The agent's record with what HELLO says of its machine; undefined when that is known already. */
export function describedBy(record: StoredAgent, said: Hello): StoredAgent | undefined {
  const described = {
    machine_name: said.machine_name,
    ip_address: said.ip_address ?? record.ip_address,
    os: said.os ?? record.os,
    agent_version: said.agent_version,
    ollama_version: said.state.ollama_version ?? record.ollama_version,
    ollama_port: said.ollama_port ?? record.ollama_port,
  };
  const known = Object.entries(described).every(
    ([key, value]) => record[key as keyof typeof described] === value,
  );
  return known ? undefined : { ...record, ...described };
}

/** What WELCOME tells an agent; `streams` are those that go on. */
export function welcomeOf(
  record: StoredAgent,
  version: number,
  streams: Welcome["streams"],
  settings: Settings,
): Welcome {
  return {
    version,
    agent_id: record.id,
    name: record.name,
    heartbeat_ms: TIMES.heartbeat_ms,
    resume_window_ms: settings.resume_window_s * 1_000,
    connect_ms: settings.connect_timeout_s * 1_000,
    first_byte_ms: settings.first_byte_timeout_s * 1_000,
    idle_ms: settings.idle_timeout_s * 1_000,
    streams,
  };
}

const CLOSE_REASON_BYTES = 123;

/** As much of a reason as a close frame holds. It may quote the peer, and a longer one throws: in Node into nobody's hands. */
export function closeReason(text: string): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(CLOSE_REASON_BYTES));
  return text.slice(0, read);
}
