import type { AgentStatus, ConnectionStatus, Question, SharingStatus } from "../../program/status.ts";
import { cleanText, fitText } from "./fit-text.ts";
import { jobLine } from "./job-text.ts";
import { bytesText, momentText, spanText } from "./units.ts";

type Tone = "good" | "warn" | "bad" | "plain";
interface Row {
  label: string;
  text: string;
  tone: Tone;
}

export interface ViewOptions {
  /** Cells of a line; undefined: as long as it is. */
  columns: number | undefined;
  colour: boolean;
  now: Date;
}

const LABEL_CELLS = 13;
const SGR: Readonly<Record<Tone, string>> = { good: "32", warn: "33", bad: "31", plain: "" };

/** How an agent is, one line each, none wider than the terminal. */
export function statusLines(status: AgentStatus, options: ViewOptions): string[] {
  const rows = [
    agentRow(status, options.now),
    { label: "coordinator", ...connectionOf(status, options.now) },
    { label: "sharing", ...sharingOf(status, options.now) },
    ...ollamaRows(status),
    ...workRows(status),
    row("state in", status.state_dir),
  ];
  return rows.map((one) => drawn(one, options));
}

function row(label: string, text: string, tone: Tone = "plain"): Row {
  return { label, text, tone };
}

function agentRow({ name, version, pid, started_at }: AgentStatus, now: Date): Row {
  const up = spanText((now.getTime() - Date.parse(started_at)) / 1_000);
  return row("agent", `${name}, version ${version}, pid ${pid}, up ${up}`);
}

function connectionOf({ connection, coordinator_url }: AgentStatus, now: Date): { text: string; tone: Tone } {
  const [said, tone] = connectionText(connection, now);
  return { text: coordinator_url === null ? said : `${coordinator_url}: ${said}`, tone };
}

function connectionText(connection: ConnectionStatus, now: Date): [string, Tone] {
  switch (connection.state) {
    case "unconfigured":
      return ["no coordinator yet: give one with --coordinator-url", "warn"];
    case "registering":
    case "connecting":
      return [
        `${connection.state}${troubles(connection, now)}`,
        connection.problem === null ? "plain" : "warn",
      ];
    case "pairing": {
      const left = spanText((Date.parse(connection.expires_at) - now.getTime()) / 1_000);
      const problem = connection.problem === null ? "" : ` (${connection.problem})`;
      return [`enter code ${connection.code} at ${connection.dashboard_url}, ${left} left${problem}`, "warn"];
    }
    case "not_paired":
      return [connection.message, "bad"];
    case "online":
      return [`online for ${spanText((now.getTime() - Date.parse(connection.since)) / 1_000)}`, "good"];
    case "stopped":
      return [connection.message, "bad"];
  }
}

function troubles(
  { problem, retry_at }: { problem: string | null; retry_at: string | null },
  now: Date,
): string {
  const retry =
    retry_at === null ? "" : `, next try in ${spanText((Date.parse(retry_at) - now.getTime()) / 1_000)}`;
  return `${retry}${problem === null ? "" : `: ${problem}`}`;
}

function sharingOf(status: AgentStatus, now: Date): { text: string; tone: Tone } {
  const work = `${status.running} running, ${status.answered} answered`;
  const { sharing } = status;
  if (sharing.state === "sharing") return { text: `yes, ${work}`, tone: "good" };
  const detail = sharing.detail === null ? "" : ` (${sharing.detail})`;
  const until = sharing.until === null ? "" : ` until ${momentText(new Date(sharing.until), now)}`;
  return { text: `no, ${REASON[sharing.reason]}${detail}${until}, ${work}`, tone: "warn" };
}

type Reason = Extract<SharingStatus, { state: "yielding" }>["reason"];
const REASON: Readonly<Record<Reason, string>> = {
  paused: "paused",
  on_battery: "on battery",
  outside_schedule: "outside the schedule",
  gpu_busy: "the GPU is in use",
  full_screen: "a full-screen program is in front",
  updating: "Ollama is being replaced",
};

const SOURCE: Readonly<Record<AgentStatus["ollama"]["source"], string>> = {
  managed: "run by this agent",
  attached: "the user's own",
  none: "none on this machine",
};

export function ollamaRows({ ollama }: Pick<AgentStatus, "ollama">): Row[] {
  const problem = ollama.problem === null ? "" : `: ${ollama.problem}`;
  const version = ollama.version === null ? "" : `${ollama.version}, `;
  const rows = [
    row(
      "Ollama",
      `${version}${SOURCE[ollama.source]}, ${ollama.url}: ${ollama.state}${problem}`,
      ollama.state === "ok" ? "good" : ollama.state === "starting" ? "warn" : "bad",
    ),
  ];
  if (ollama.update !== null) rows.push(row("", `${ollama.update} is out: agent ollama update`));
  if (ollama.previous !== null) rows.push(row("", `${ollama.previous} is kept: agent ollama rollback`));
  const loaded = ollama.models.filter((model) => model.loaded).map(({ name }) => name);
  const size = ollama.models.reduce((sum, model) => sum + (model.size ?? 0), 0);
  const models = `${ollama.models.length}, ${bytesText(size)}; loaded: ${loaded.length === 0 ? "none" : loaded.join(", ")}`;
  rows.push(row("models", ollama.models.length === 0 ? "none" : models));
  return rows;
}

export function workRows({
  job,
  question,
  failure,
}: Pick<AgentStatus, "job" | "question" | "failure">): Row[] {
  const rows: Row[] = [];
  if (job !== null) rows.push(row("at work", jobLine(job), job.problem === null ? "plain" : "warn"));
  if (question !== null) rows.push(row("question", questionText(question), "warn"));
  if (failure !== null) rows.push(row("failed", `${failure.kind}: ${failure.message}`, "bad"));
  return rows;
}

function questionText(question: Question): string {
  switch (question.kind) {
    case "install": {
      const size = question.download_bytes === null ? "" : ` (${bytesText(question.download_bytes)})`;
      return `install Ollama ${question.version}${size} into ${question.directory}? agent ollama install`;
    }
    case "start":
      return `run Ollama ${question.version} (${question.binary})?`;
    case "pull":
      return `pull ${question.model} (${bytesText(question.download_bytes)})?`;
  }
}

export function drawn({ label, text, tone }: Row, { columns, colour }: Omit<ViewOptions, "now">): string {
  const clean = cleanText(text);
  // A terminal that is told of no width, or of a senseless one, wraps as it likes.
  const fitted = columns === undefined ? clean : fitText(clean, Math.max(0, columns - LABEL_CELLS));
  const left = label.padEnd(LABEL_CELLS);
  if (!colour) return columns === undefined ? left + fitted : fitText(left + fitted, columns);
  const shown = SGR[tone] === "" ? fitted : `\u001b[${SGR[tone]}m${fitted}\u001b[0m`;
  return `\u001b[2m${columns === undefined ? left : fitText(left, columns)}\u001b[0m${shown}`;
}
