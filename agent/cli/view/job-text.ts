import type { Job } from "../../program/status.ts";
import { cleanText } from "./fit-text.ts";
import { bytesText, spanText } from "./units.ts";

const DOING: Readonly<Record<Job["kind"], string>> = {
  install: "installing Ollama",
  update: "updating Ollama to",
  rollback: "going back to Ollama",
  uninstall: "removing Ollama",
  restart: "restarting Ollama",
  pull: "pulling",
};

const STEP: Readonly<Record<Job["step"], string>> = {
  looking_up: "looking it up",
  downloading: "downloading",
  verifying: "verifying",
  unpacking: "unpacking",
  draining: "waiting for running requests",
  starting: "starting",
  waiting: "waiting",
};

/** `installing Ollama 0.32.1: downloading` */
export function jobText(job: Job): string {
  return cleanText(`${DOING[job.kind]} ${job.subject}: ${STEP[job.step]}`);
}

/** `42 %, 512 MB of 1.2 GB, 10 MB/s, 1 min 9 s left`; empty where nobody knows anything. */
export function progressText({ progress }: Job): string {
  if (progress === null) return "";
  const { done_bytes, total_bytes, bytes_per_s, eta_s } = progress;
  const parts = [
    total_bytes === null ? bytesText(done_bytes) : `${bytesText(done_bytes)} of ${bytesText(total_bytes)}`,
  ];
  const done = percent(done_bytes, total_bytes);
  if (done !== undefined) parts.unshift(`${done} %`);
  if (bytes_per_s !== null) parts.push(`${bytesText(bytes_per_s)}/s`);
  if (eta_s !== null) parts.push(`${spanText(eta_s)} left`);
  return parts.join(", ");
}

/** Whole percent, rounded down: 100 is for what is complete. */
export function percent(done: number, total: number | null): number | undefined {
  return total === null || total === 0 ? undefined : Math.min(100, Math.floor((done / total) * 100));
}

/** All of it in one line. */
export function jobLine(job: Job): string {
  const parts = [jobText(job), progressText(job)].filter((part) => part !== "");
  const problem = job.problem === null ? "" : ` (${cleanText(job.problem)})`;
  return `${parts.join(" ")}${problem}`;
}
