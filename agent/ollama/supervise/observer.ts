/** What happens to a managed server, for whoever shows it to a person. */
export type SupervisorEvent =
  | { type: "starting"; url: string; version: string }
  /** It answers; `version` is what it says itself. */
  | { type: "running"; url: string; pid: number; version: string }
  /** It ended, hung or could not be started; the next attempt is in `inMs`. */
  | { type: "restarting"; inMs: number; reason: string }
  | { type: "stopped" }
  /** Processes of a server that is over, which the system does not end. */
  | { type: "left_behind"; pids: number[] }
  /** What an agent that was killed had left. */
  | { type: "orphans_ended"; pids: number[] };
