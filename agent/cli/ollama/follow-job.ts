import type { AgentControl } from "../../program/control/agent-control.ts";
import type { AgentStatus, Job } from "../../program/status.ts";

export type JobEnd = { ok: true; status: AgentStatus } | { ok: false; error: string };

/** Waits until a job that was started, of one of `kinds`, is over, and tells each of its states. */
export function followJob(
  control: Pick<AgentControl, "watch">,
  kinds: readonly Job["kind"][],
  show: (job: Job) => void,
): Promise<JobEnd> {
  return new Promise((resolve) => {
    let isOver = false;
    const end = (how: JobEnd): void => {
      isOver = true;
      endWatch();
      resolve(how);
    };
    // The first status may come before `watch` has returned.
    let endWatch = (): void => {};
    const watching = control.watch(
      (status) => {
        if (isOver) return;
        const { job, failure } = status;
        if (job !== null && kinds.includes(job.kind)) show(job);
        // None, or already the next one: it is over.
        else if (failure !== null && kinds.includes(failure.kind)) end({ ok: false, error: failure.message });
        else end({ ok: true, status });
      },
      (error) => end({ ok: false, error: error.message }),
    );
    endWatch = watching;
    if (isOver) watching();
  });
}
