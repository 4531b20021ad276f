import type { Progress } from "./progress.ts";

/** The steps of an install, in their order. */
export type InstallStep = "looking_up" | "downloading" | "verifying" | "unpacking";

export interface InstallReport {
  step: InstallStep;
  progress: Progress | null;
  /** What went wrong last, while it tries again; one line. */
  problem: string | null;
}

export type InstallObserver = (report: InstallReport) => void;
