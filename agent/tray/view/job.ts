import type { Job } from "../../program/status.ts";
import type { JobModel } from "../window-model.ts";
import type { Context } from "./context.ts";

/** What a job does, as a title. */
export function jobTitle({ words }: Context, { kind, subject }: Job): string {
  // Before a release is looked up its place is taken by words, which are English.
  const known = kind === "pull" || /^\d/.test(subject);
  return words.jobs[kind](known ? subject : "");
}

/** Something that takes a while, as a bar with its size, speed and time left. */
export function jobModel(context: Context, job: Job): JobModel {
  const { words, format } = context;
  const { progress } = job;
  const total = progress?.total_bytes ?? null;
  // A server may understate the size; a bar of 130 % tells nobody anything.
  const fraction =
    progress === null || total === null || total === 0 ? null : Math.min(1, progress.done_bytes / total);
  const facts: string[] = [];
  if (progress !== null && (progress.done_bytes > 0 || total !== null)) {
    const done = format.bytes(progress.done_bytes);
    facts.push(total === null ? done : words.ollama.of(done, format.bytes(total)));
    if (progress.bytes_per_s !== null) facts.push(format.speed(progress.bytes_per_s));
    if (progress.eta_s !== null) facts.push(words.ollama.left(format.span(progress.eta_s)));
  }
  return {
    title: jobTitle(context, job),
    step: words.steps[job.step],
    fraction,
    percent: fraction === null ? null : format.percent(fraction),
    facts,
    problem: job.problem === null ? null : words.ollama.retrying(job.problem),
    cancel: words.common.cancel,
  };
}
