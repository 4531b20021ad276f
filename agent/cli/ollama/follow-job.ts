import type { AgentControl } from "../../program/control/agent-control.ts";
import type { AgentStatus, Job } from "../../program/status.ts";

export type JobEnd = { ok: true; status: AgentStatus } | { ok: false; error: string };

/** Waits until a job that was started is over, and tells each of its states. */
export function followJob(
  control: Pick<AgentControl, "watch">,
  kind: Job["kind"],
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
        if (status.job?.kind === kind) show(status.job);
        // None, or already the next one: it is over.
        else if (status.failure?.kind === kind) end({ ok: false, error: status.failure.message });
        else end({ ok: true, status });
      },
      (error) => end({ ok: false, error: error.message }),
    );
    endWatch = watching;
    if (isOver) watching();
  });
}
