import type { Command } from "../../program/command.ts";
import type { AgentControl } from "../../program/control/agent-control.ts";
import type { AgentStatus } from "../../program/status.ts";
import { EXIT } from "../exit-codes.ts";
import type { Terminal } from "../view/terminal.ts";
import type { Ask } from "./consent.ts";
import { followJob, type JobEnd } from "./follow-job.ts";
import { jobView } from "./job-view.ts";

const CHANGES = ["install", "update", "rollback", "uninstall"] as const;
export type Change = (typeof CHANGES)[number];

export function isChange(word: string | undefined): word is Change {
  return CHANGES.some((change) => change === word);
}

export interface ChangeOptions {
  /** undefined: the newest release. */
  version: string | undefined;
  yes: boolean;
  ask: Ask;
  terminal: Terminal;
  isMoving: boolean;
  /** Fires when a person wants it to end. */
  stop: AbortSignal;
}

export type ChangeEnd = { ok: true } | { ok: false; error: string; code: number };

/** Asks, starts, shows how it goes and says how it ended. @throws ControlError */
export async function changeOllama(
  control: AgentControl,
  change: Change,
  options: ChangeOptions,
): Promise<ChangeEnd> {
  const { terminal, yes, ask, stop } = options;
  const question = questionOf(change, options.version, await control.status());
  if (!yes && ask === undefined) {
    return failed(`${question} Nobody is there to answer: give --yes`, EXIT.usage);
  }
  if (!yes && ask !== undefined && (await patiently(control, () => ask(question, stop))) !== true) {
    return failed("nothing was changed");
  }
  if (stop.aborted) return failed("nothing was changed", EXIT.aborted);
  const started = await control.perform(commandOf(change, options.version));
  if (!started.ok) return failed(started.error);

  let isCancelled = false;
  const cancel = (): void => {
    isCancelled = true;
    // That the agent is gone shows in what is followed.
    control.perform({ type: "cancel" }).catch(() => {});
  };
  stop.addEventListener("abort", cancel, { once: true });
  const view = jobView(terminal, options.isMoving);
  let end: JobEnd;
  try {
    // Beside a version that is there an install is an update.
    const kinds = change === "install" ? (["install", "update"] as const) : [change];
    end = await followJob(control, kinds, view.show);
  } finally {
    view.close();
    stop.removeEventListener("abort", cancel);
  }
  if (isCancelled) return failed("cancelled; what was downloaded is kept for the next time", EXIT.aborted);
  if (!end.ok) return failed(`${change} failed: ${end.error}`);
  // Somebody else has ended it: that is no failure of the job.
  if (change === "install" && end.status.ollama.source !== "managed") return failed("install was cancelled");
  terminal.write(`${doneText(change, end.status)}\n`);
  return { ok: true };
}

/** A person may think for longer than an agent keeps a client that is idle; one that watches is not. */
async function patiently<T>(control: AgentControl, work: () => Promise<T>): Promise<T> {
  const ignore = (): void => {};
  const end = control.watch(ignore, ignore);
  try {
    return await work();
  } finally {
    end();
  }
}

function failed(error: string, code: number = EXIT.fatal): ChangeEnd {
  return { ok: false, error, code };
}

function commandOf(change: Change, version: string | undefined): Command {
  if (change === "rollback" || change === "uninstall") return { type: change };
  return version === undefined ? { type: change } : { type: change, version };
}

function questionOf(change: Change, version: string | undefined, { ollama, state_dir }: AgentStatus): string {
  switch (change) {
    case "install":
      return `Download Ollama ${version ?? "(the newest release)"} and install it in ${state_dir}?`;
    case "update":
      return `Replace Ollama ${ollama.version ?? ""} by ${version ?? ollama.update ?? "the newest release"}?`;
    case "rollback":
      return `Go back from Ollama ${ollama.version ?? ""} to ${ollama.previous ?? "the version before"}?`;
    case "uninstall":
      return `Remove the Ollama that this agent has installed in ${state_dir}?`;
  }
}

function doneText(change: Change, { ollama }: AgentStatus): string {
  if (change === "uninstall") return "removed";
  return ollama.version === null ? "done" : `Ollama ${ollama.version} is ready`;
}
