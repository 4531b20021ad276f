import { fmt } from "../../lib/fmt.ts";
import type { Text } from "../../text/playground/en.ts";
import { harmless } from "../../ui/harmless.ts";
import type { Problem } from "./lib/answer/events.ts";
import type { Answer } from "./lib/conversation.ts";

/** Most of an error that is shown: whoever wrote it may be a machine in somebody's home. */
const MOST_CHARS = 500;

/** What went wrong, and what to do. */
export function problemText(problem: Problem, t: Text["failure"]): string {
  if (problem.kind !== "said") return t[problem.kind];
  const { message, code = "" } = problem;
  const hint = Object.hasOwn(t.hints, code) ? t.hints[code] : undefined;
  const said = message === "" ? code : harmless(message, MOST_CHARS);
  return [
    t.said(said === "" ? String(problem.status ?? "") : said),
    ...(hint === undefined ? [] : [hint]),
  ].join(" · ");
}

/** An answer's state for those who hear the page: it changes a few times, and not with each word. */
export function statusText({ state, usage }: Answer, t: Text): string {
  switch (state.kind) {
    case "waiting":
      return state.position === undefined ? t.status.waiting : t.status.queued;
    case "streaming":
      return t.status.streaming;
    case "done":
      return usage?.tokens === undefined ? t.status.doneUncounted : t.status.done(fmt.count(usage.tokens));
    case "stopped":
      return t.status.stopped;
    case "failed":
      return t.status.failed(problemText(state.problem, t.failure));
  }
}
