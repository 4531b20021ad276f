export type PullFailure =
  /** The caller's signal. */
  | "cancelled"
  /** Ollama or the registry says no: the same again would fail again. */
  | "refused"
  /** The network, or an Ollama that went away; tried often enough. */
  | "lost";

/** A model was not pulled; the message is one line: what, why, and what to do. */
export class PullError extends Error {
  override readonly name = "PullError";
  readonly failure: PullFailure;

  constructor(failure: PullFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.failure = failure;
  }
}

/** One attempt that ended without success. */
export class AttemptError extends Error {
  override readonly name = "AttemptError";
  readonly retry: boolean;

  constructor(message: string, retry: boolean) {
    super(message);
    this.retry = retry;
  }
}

/** Ollama's own words for what no further attempt cures: it gives the registry's status as ` 404: ` in the middle of them. */
const FINAL =
  /no space left|not enough space|disk quota|file does not exist|unauthori[sz]ed|newer version|invalid|(^|\s)4\d\d(:|\s|$)/i;
/** And for a network that may be back soon, in Go's words, or a layer that arrived damaged and was thrown away. */
const PASSING =
  /time(d )?-?out|deadline exceeded|no such host|network is (unreachable|down)|no route to host|connection (reset|refused)|broken pipe|\beof\b|max retries|digest mismatch|temporar|try again|stalled|(^|\s)5\d\d(:|\s|$)/i;

/** An error that Ollama tells in its own words; what is not known to pass by itself is final. */
export function toldError(text: string): AttemptError {
  const line = text.replace(/\s+/g, " ").trim().slice(0, 500);
  return new AttemptError(line, PASSING.test(line) && !FINAL.test(line));
}

const ADVICE: readonly [RegExp, string][] = [
  [/file does not exist|(^|\s)404(:|\s|$)/i, "check the model's name and tag"],
  [/no space left|not enough space|disk quota/i, "make room on the disk, or choose a smaller model"],
  [/newer version|(^|\s)412(:|\s|$)/i, "update Ollama"],
  [/unauthori[sz]ed|(^|\s)40[13](:|\s|$)/i, "it is private, or its name is wrong"],
];

export function adviceFor(text: string): string {
  return ADVICE.find(([pattern]) => pattern.test(text))?.[1] ?? "see Ollama's log";
}
