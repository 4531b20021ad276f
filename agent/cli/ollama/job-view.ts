import type { Job } from "../../program/status.ts";
import { fitText } from "../view/fit-text.ts";
import { jobLine, jobText, percent } from "../view/job-text.ts";
import { LiveScreen } from "../view/live-screen.ts";
import type { Terminal } from "../view/terminal.ts";

export interface JobView {
  show(job: Job): void;
  close(): void;
}

const NEWS_BYTES = 250_000_000;

/** A line that moves on a terminal; otherwise, or where that is not wanted, a few that stand. */
export function jobView(terminal: Terminal, isMoving: boolean): JobView {
  return terminal.isTTY && isMoving ? movingView(terminal) : standingView(terminal);
}

function movingView(terminal: Terminal): JobView {
  const screen = new LiveScreen(terminal);
  return {
    show: (job) => screen.draw(() => [fitText(jobLine(job), terminal.columns ?? 80)]),
    close: () => screen.close(),
  };
}

/** A line for each step and each problem, and at each tenth of what is transferred: a log stays a log. */
function standingView(terminal: Terminal): JobView {
  let said = "";
  return {
    show(job) {
      const news = `${jobText(job)} ${job.problem ?? ""} ${tenthOf(job)}`;
      if (news === said) return;
      said = news;
      terminal.write(`${jobLine(job)}\n`);
    },
    close: () => {},
  };
}

function tenthOf({ progress }: Job): number {
  if (progress === null) return 0;
  const done = percent(progress.done_bytes, progress.total_bytes);
  return Math.floor(done === undefined ? progress.done_bytes / NEWS_BYTES : done / 10);
}
