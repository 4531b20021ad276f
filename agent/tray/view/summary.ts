import type { IconState } from "../window-model.ts";
import { type Context, hostOf, secondsUntil } from "./context.ts";
import { jobTitle } from "./job.ts";

/** The whole machine in one icon, one line, and one more. */
export interface Summary {
  icon: IconState;
  headline: string;
  detail: string | null;
}

/** What a person must know first comes first: what only they can mend, then what they chose, then what goes on. */
export function summarize(context: Context): Summary {
  return trouble(context) ?? notThereYet(context) ?? yielding(context) ?? atWork(context);
}

function trouble({ status, words }: Context): Summary | undefined {
  const { connection, ollama, failure, question, job } = status;
  const found = (headline: string, detail: string | null): Summary => ({ icon: "trouble", headline, detail });
  if (connection.state === "stopped") return found(words.state.stopped, connection.message);
  if (connection.state === "not_paired") return found(words.state.notPaired, connection.message);
  if (failure !== null) return found(words.failures[failure.kind], failure.message);
  // Before an address is known nobody waits for Ollama, and the first thing to do is another one.
  if (connection.state === "unconfigured") return undefined;
  if (question !== null) return found(words.state.question, words.question[`${question.kind}Title`]);
  // While something is done about it, it is work and no trouble.
  if (job !== null && job.kind !== "pull") return undefined;
  if (ollama.state === "absent") return found(words.state.ollamaAbsent, ollama.problem);
  if (ollama.state === "hung") return found(words.state.ollamaHung, ollama.problem);
  return undefined;
}

function notThereYet(context: Context): Summary | undefined {
  const { status, words } = context;
  const { connection } = status;
  const way = (headline: string, detail: string | null): Summary => ({
    icon: "connecting",
    headline,
    detail,
  });
  switch (connection.state) {
    case "unconfigured":
      return way(words.state.unconfigured, words.state.unconfiguredDetail);
    case "registering":
      return way(words.state.registering, whyNotYet(context));
    case "pairing":
      return way(words.state.pairing, words.state.pairingDetail(connection.code));
    case "connecting":
      // Who has paused it does not wait for a connection.
      return status.sharing.state === "yielding" && status.sharing.reason === "paused"
        ? undefined
        : way(words.state.connecting, whyNotYet(context));
    default:
      return undefined;
  }
}

/** What is in the way, and when it is tried again. */
export function whyNotYet({ status, words, format, now }: Context): string | null {
  const { connection } = status;
  if (connection.state !== "registering" && connection.state !== "connecting") return null;
  const retry =
    connection.retry_at === null
      ? null
      : words.state.retryIn(format.span(secondsUntil(connection.retry_at, now)));
  const parts = [connection.problem, retry].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(" ");
}

function yielding(context: Context): Summary | undefined {
  const { status, words, format } = context;
  if (status.sharing.state === "sharing") return undefined;
  const parts = [untilWhen(context)];
  if (status.running > 0) {
    parts.push(words.state.draining(format.count(status.running), status.running === 1));
  }
  return { icon: "paused", headline: words.yields[status.sharing.reason], detail: sentence(context, parts) };
}

/** Why and until when a machine yields; null while it shares. */
export function untilWhen({ status, words, format, now }: Context): string | null {
  const { sharing } = status;
  if (sharing.state === "sharing") return null;
  if (sharing.until !== null) return words.state.until(format.moment(new Date(sharing.until), now));
  return sharing.reason === "paused" ? words.state.untilResumed : sharing.detail;
}

function atWork(context: Context): Summary {
  const { status, words, format } = context;
  const host = hostOf(status.coordinator_url);
  const to = host === null ? null : words.state.to(host);
  if (status.running > 0) {
    return {
      icon: "working",
      headline: words.state.working(format.count(status.running), status.running === 1),
      detail: to,
    };
  }
  if (status.job !== null) {
    return { icon: "working", headline: jobTitle(context, status.job), detail: to };
  }
  return { icon: "connected", headline: words.state.connected, detail: to };
}

function sentence({ language }: Context, parts: readonly (string | null)[]): string | null {
  const said = parts.filter((part) => part !== null);
  return said.length === 0 ? null : said.join(language === "ja" ? "" : " ");
}
