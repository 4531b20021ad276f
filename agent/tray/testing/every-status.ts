import { YIELD_REASONS } from "../../../shared/protocol/messages.ts";
import type { AgentStatus, ConnectionStatus, Job, Question, SharingStatus } from "../../program/status.ts";
import { sampleStatus } from "./sample-status.ts";

const LATER = "2026-11-23T10:09:05.000Z";

export const CONNECTIONS: ConnectionStatus[] = [
  { state: "unconfigured" },
  { state: "registering", retry_at: null, problem: null },
  { state: "registering", retry_at: LATER, problem: "no route" },
  {
    state: "pairing",
    code: "KWXT-4827",
    dashboard_url: "https://llm.example.com/dashboard",
    expires_at: LATER,
    problem: null,
  },
  { state: "not_paired", why: "expired", message: "too late" },
  { state: "not_paired", why: "rejected", message: "turned down" },
  { state: "connecting", retry_at: LATER, problem: "closed" },
  { state: "connecting", retry_at: null, problem: null },
  sampleStatus().connection,
  { state: "stopped", message: "removed" },
];
export const SHARINGS: SharingStatus[] = [
  { state: "sharing" },
  ...YIELD_REASONS.flatMap((reason): SharingStatus[] => [
    { state: "yielding", reason, detail: null, until: null },
    { state: "yielding", reason, detail: "game.exe", until: LATER },
  ]),
];
const OLLAMAS: AgentStatus["ollama"][] = (["starting", "ok", "absent", "hung"] as const).flatMap((state) =>
  (["managed", "attached", "none"] as const).map((source) => ({
    ...sampleStatus().ollama,
    state,
    source,
    problem: state === "ok" ? null : "nothing answers",
    update: source === "managed" ? "0.33.0" : null,
    previous: source === "managed" ? "0.31.4" : null,
  })),
);
export const JOB_KINDS = ["install", "update", "rollback", "uninstall", "restart", "pull"] as const;
const JOBS: (Job | null)[] = [
  null,
  ...JOB_KINDS.map(
    (kind): Job => ({ kind, subject: "x", step: "downloading", progress: null, problem: "503" }),
  ),
];
const QUESTIONS: (Question | null)[] = [
  null,
  { kind: "install", version: "0.32.1", download_bytes: null, directory: "there" },
  { kind: "start", version: "0.32.1", binary: "ollama" },
  { kind: "pull", model: "llama3.2", download_bytes: 2_000_000_000 },
];
const FAILURES: AgentStatus["failure"][] = [null, { kind: "update", message: "the disk is full" }];

/** Every combination of what a program can be. */
export function* everyStatus(): Generator<AgentStatus> {
  for (const connection of CONNECTIONS)
    for (const sharing of SHARINGS)
      for (const ollama of OLLAMAS)
        for (const job of JOBS)
          for (const question of QUESTIONS)
            for (const failure of FAILURES)
              for (const running of [0, 2])
                yield sampleStatus({ connection, sharing, ollama, job, question, failure, running });
}
