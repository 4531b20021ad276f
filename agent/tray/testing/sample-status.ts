import { DEFAULT_OWNER_SETTINGS, type OwnerSettings } from "../../program/owner-settings.ts";
import type { AgentStatus } from "../../program/status.ts";

/** The moment at which samples are looked at. */
export const NOW = new Date("2026-11-23T10:00:00.000Z");

/** A machine that is connected, shares, and has nothing to do. */
export function sampleStatus(change: Partial<AgentStatus> = {}): AgentStatus {
  return {
    version: "0.1.0",
    pid: 4_321,
    started_at: "2026-11-23T08:00:00.000Z",
    state_dir: "state",
    name: "gaming-pc",
    coordinator_url: "https://llm.example.com",
    connection: {
      state: "online",
      agent_id: "0f6f7a52-3e0b-4a57-9a51-0d3f0a5f9f11",
      name: "gaming-pc",
      since: "2026-11-23T09:30:00.000Z",
    },
    sharing: { state: "sharing" },
    running: 0,
    answered: 1_284,
    ollama: {
      source: "managed",
      url: "http://127.0.0.1:11434",
      state: "ok",
      version: "0.32.1",
      problem: null,
      update: null,
      previous: null,
      models: [
        { name: "llama3.2:latest", size: 2_019_393_189, loaded: true },
        { name: "qwen2.5-coder:14b", size: 8_988_124_069, loaded: false },
      ],
    },
    job: null,
    question: null,
    failure: null,
    ...change,
  };
}

export function sampleSettings(change: Partial<OwnerSettings> = {}): OwnerSettings {
  return { ...DEFAULT_OWNER_SETTINGS, coordinator_url: "https://llm.example.com", ...change };
}
