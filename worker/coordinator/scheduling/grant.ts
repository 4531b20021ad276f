import type { ChoiceReason } from "../../../shared/api/choice-reasons.ts";
import type { Agent } from "../agent.ts";
import type { Clock } from "../deps.ts";
import type { Replica } from "./replica.ts";

/** How a request that had a place ended, as far as its machine is judged by it. */
export interface Ending {
  /** `neutral`: it says nothing of the machine. A client's own error is a success of the machine. */
  verdict: "success" | "failure" | "neutral";
  /** Prompt and answer together, where known. */
  tokens?: number | undefined;
  /** Tokens of the answer, and the seconds that making them took. */
  answer?: { tokens: number; seconds: number } | undefined;
  /** Seconds that Ollama says it took to load the model. */
  loadS?: number | undefined;
  /** Seconds from the first byte of the answer to its last. */
  streamedS?: number | undefined;
}

/** A place on a machine. Its holder calls `release` exactly when the request has ended; more often does no harm. */
export interface Grant {
  readonly agent: Agent;
  /** Which rule decided. */
  readonly reason: ChoiceReason;
  release(ending: Ending): void;
}

/** Tokens that cost a key as much as one second of a slot: what an ordinary machine makes in one. */
const TOKENS_PER_COST = 50;
/** Of a model that was there Ollama reports a load of some milliseconds; one that takes more was one, seconds. */
const LEAST_LOAD_S = 0.5;
/** A cold request that took less has shown that loading takes no time to speak of, seconds. */
const SHORT_S = 0.5;
/** An answer that took less says more of the clock than of the machine: three that are alike seemed to differ tenfold, seconds. */
const LEAST_ANSWER_S = 0.2;

/** Takes a slot, and gives it back when the request has ended. */
export function occupy(
  replica: Replica,
  reason: ChoiceReason,
  options: {
    clock: Clock;
    numCtx: number | undefined;
    /** The request has failed here before: that it does so again says nothing new of the machine. */
    again: boolean;
    /** Takes what the request has cost its key: seconds of the slot, and tokens. */
    charge: (cost: number) => void;
    /** The slot is free again. */
    freed: () => void;
  },
): Grant {
  const { agent } = replica;
  const { clock, numCtx } = options;
  const since = clock.now();
  const cold = !replica.isWarm(numCtx);
  const running = { replica, since, loadS: replica.loadCost(numCtx) };
  agent.inFlight++;
  agent.running.add(running);
  replica.inFlight++;
  if (cold) replica.loading++;
  agent.remembers(replica);
  replica.sent(numCtx, since);
  const probe = replica.breaker.enter(since);
  agent.touch();
  let held = true;
  return {
    agent,
    reason,
    release: (ending) => {
      if (!held) return;
      held = false;
      agent.inFlight--;
      agent.running.delete(running);
      replica.inFlight--;
      if (cold) replica.loading--;
      agent.remembers(replica);
      const now = clock.now();
      const seconds = Math.max(0, now - since) / 1_000;
      const { verdict } = ending;
      if (verdict === "success") replica.breaker.succeeded();
      else if (verdict === "failure" && !options.again) replica.breaker.failed(now, probe);
      else replica.breaker.unsettled(probe);
      if (verdict === "success") learn(replica, ending, { seconds, cold });
      agent.forget(replica);
      agent.touch();
      options.charge(seconds + (ending.tokens ?? 0) / TOKENS_PER_COST);
      options.freed();
    },
  };
}

/** Of what a machine says of itself no more is believed than was seen here: it held its slot for so long, and no longer. */
function learn(replica: Replica, ending: Ending, had: { seconds: number; cold: boolean }): void {
  const { agent, figures } = replica;
  const { streamedS = 0, answer } = ending;
  const loadS = ending.loadS === undefined ? undefined : Math.min(ending.loadS, had.seconds);
  if (had.cold) {
    const took = loadS ?? unsaidLoad(replica, had.seconds, streamedS);
    // Nor is one that takes none a load where loads are known to take time: its machine has not said yet that it is there.
    if (took !== undefined && (took >= LEAST_LOAD_S || (replica.loadS ?? 0) < LEAST_LOAD_S))
      learnLoad(replica, took);
  } else if (loadS !== undefined && loadS >= LEAST_LOAD_S) {
    learnLoad(replica, loadS);
  }
  replica.answered = true;
  // A cold request whose load nobody has measured says nothing of how long a warm one takes, but for its stream.
  const serviceS = !had.cold || loadS !== undefined ? had.seconds - (loadS ?? 0) : streamedS;
  if (serviceS > 0 || !had.cold) {
    replica.measuredServiceS.observe(serviceS);
    figures.serviceS.observe(serviceS);
  }
  if (answer === undefined || answer.tokens <= 0) return;
  figures.tokens.observe(answer.tokens);
  if (answer.seconds < LEAST_ANSWER_S) return;
  replica.speed.observe(answer.tokens / answer.seconds);
  agent.speed.observe(answer.tokens / answer.seconds);
}

/** Seconds that a cold request spent on loading where Ollama does not say (OpenAI, Anthropic); undefined: cannot be told. */
function unsaidLoad(replica: Replica, seconds: number, streamedS: number): number | undefined {
  if (seconds < SHORT_S) return seconds;
  if (streamedS > 0) return seconds - streamedS;
  return replica.serviceS === undefined ? undefined : Math.max(0, seconds - replica.serviceS);
}

function learnLoad(replica: Replica, loadS: number): void {
  replica.measuredLoadS.observe(loadS);
  replica.figures.loadS.observe(loadS);
  const { size } = replica.entry;
  if (size !== undefined && loadS >= LEAST_LOAD_S) replica.agent.loadRate.observe(size / loadS);
}
