import type { OwnerSettings } from "../../agent/program/owner-settings.ts";
import type { AgentStatus, Job, OllamaStatus } from "../../agent/program/status.ts";
import { sampleSettings, sampleStatus } from "../../agent/tray/testing/sample-status.ts";
import type { ScriptedProgram } from "../../agent/tray/testing/scripted-program.ts";
import type { Tab } from "../../agent/tray/window-model.ts";

/** A state of the program, and the section in which it is looked at. */
export interface Scene {
  name: string;
  tab: Tab;
  status: AgentStatus;
  settings?: OwnerSettings;
  locked?: ScriptedProgram["locked"];
  log?: string[];
}

const ollama = (change: Partial<OllamaStatus>): OllamaStatus => ({ ...sampleStatus().ollama, ...change });
const NO_OLLAMA = ollama({ source: "none", state: "absent", version: null, models: [] });
export const INSTALL: Job = {
  kind: "install",
  subject: "0.32.1",
  step: "downloading",
  progress: { done_bytes: 640_000_000, total_bytes: 1_500_000_000, bytes_per_s: 12_400_000, eta_s: 69 },
  problem: null,
};
export const PAIRING: AgentStatus["connection"] = {
  state: "pairing",
  code: "KWXT-4827",
  dashboard_url: "https://llm.example.com/dashboard",
  expires_at: "2026-11-23T10:09:05.000Z",
  problem: null,
};

/** Every state that the page can be in. */
export const SCENES: Scene[] = [
  {
    name: "welcome",
    tab: "connection",
    status: sampleStatus({ coordinator_url: null, connection: { state: "unconfigured" } }),
    settings: sampleSettings({ coordinator_url: null }),
  },
  {
    name: "registering",
    tab: "connection",
    status: sampleStatus({
      connection: {
        state: "registering",
        retry_at: "2026-11-23T10:00:05.000Z",
        problem: "llm.example.com cannot be found (DNS).",
      },
    }),
  },
  { name: "pairing", tab: "connection", status: sampleStatus({ connection: PAIRING }) },
  {
    name: "not-paired",
    tab: "connection",
    status: sampleStatus({
      connection: { state: "not_paired", why: "expired", message: "The code was valid for 10 minutes." },
    }),
  },
  {
    name: "connecting",
    tab: "connection",
    status: sampleStatus({
      connection: {
        state: "connecting",
        retry_at: "2026-11-23T10:00:08.000Z",
        problem: "The coordinator closed the connection.",
      },
    }),
  },
  { name: "online", tab: "connection", status: sampleStatus() },
  {
    name: "stopped",
    tab: "connection",
    status: sampleStatus({
      connection: { state: "stopped", message: "This machine was removed from the coordinator." },
    }),
  },
  {
    name: "sharing",
    tab: "sharing",
    status: sampleStatus({ running: 2 }),
    settings: sampleSettings({
      max_concurrency: 2,
      sharing: {
        mains_only: true,
        gpu_threshold: 30,
        yield_to_full_screen: true,
        schedule: [
          { days: [1, 2, 3, 4, 5], from: "18:00", to: "08:00" },
          { days: [0, 6], from: "09:00", to: "23:30" },
        ],
      },
    }),
  },
  {
    name: "paused",
    tab: "sharing",
    status: sampleStatus({
      running: 1,
      sharing: { state: "yielding", reason: "paused", detail: null, until: "2026-11-23T11:00:00.000Z" },
    }),
  },
  {
    name: "locked",
    tab: "sharing",
    status: sampleStatus({
      sharing: {
        state: "yielding",
        reason: "gpu_busy",
        detail: "game.exe uses 87 % of the GPU.",
        until: null,
      },
    }),
    settings: sampleSettings({
      max_concurrency: 4,
      sharing: {
        mains_only: true,
        gpu_threshold: 20,
        yield_to_full_screen: false,
        schedule: [{ days: [0, 1, 2, 3, 4, 5, 6], from: "22:00", to: "07:00" }],
      },
    }),
    locked: ["sharing", "max_concurrency", "allow_manage"],
  },
  {
    name: "ollama",
    tab: "ollama",
    status: sampleStatus({ ollama: ollama({ update: "0.33.0", previous: "0.31.4" }) }),
  },
  {
    name: "question",
    tab: "ollama",
    status: sampleStatus({
      ollama: NO_OLLAMA,
      question: { kind: "install", version: "0.32.1", download_bytes: 1_500_000_000, directory: "ollama" },
    }),
  },
  { name: "install", tab: "ollama", status: sampleStatus({ ollama: NO_OLLAMA, job: INSTALL }) },
  {
    name: "looking-up",
    tab: "ollama",
    status: sampleStatus({
      ollama: NO_OLLAMA,
      job: { ...INSTALL, step: "waiting", progress: null, problem: "the server answered 503" },
    }),
  },
  {
    name: "failure",
    tab: "ollama",
    status: sampleStatus({
      ollama: NO_OLLAMA,
      failure: { kind: "install", message: "The disk is full: 4.5 GB are needed and 1.2 GB are free." },
    }),
  },
  { name: "general", tab: "general", status: sampleStatus() },
  {
    name: "log",
    tab: "log",
    status: sampleStatus(),
    log: Array.from(
      { length: 40 },
      (_, at) => `10:${String(at).padStart(2, "0")}:12  answered a chat with llama3.2 in ${at + 2}.4 s`,
    ),
  },
];
