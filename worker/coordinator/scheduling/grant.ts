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
}

/** A place on a machine. Its holder calls `release` exactly when the request has ended; more often does no harm. */
export interface Grant {
  readonly agent: Agent;
  /** Which rule decided. */
  readonly reason: string;
  release(ending: Ending): void;
}

/** Tokens that cost a key as much as one second of a slot: what an ordinary machine makes in one. */
const TOKENS_PER_COST = 50;
/** A load that takes less is none, seconds: Ollama reports some milliseconds for a model that is there. */
const LEAST_LOAD_S = 0.5;
/** An answer that took less says more of the clock than of the machine: three that are alike seemed to differ tenfold, seconds. */
const LEAST_ANSWER_S = 0.1;

/** Takes a slot, and gives it back when the request has ended. */
export function occupy(
  replica: Replica,
  reason: string,
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
  replica.sent(numCtx);
  replica.breaker.enter();
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
      const now = clock.now();
      const seconds = Math.max(0, now - since) / 1_000;
      judge(replica, ending.verdict === "failure" && options.again ? "neutral" : ending.verdict, now);
      if (ending.verdict === "success") learn(replica, ending, { seconds, cold });
      agent.forget(replica);
      options.charge(seconds + (ending.tokens ?? 0) / TOKENS_PER_COST);
      options.freed();
    },
  };
}

function judge({ breaker }: Replica, verdict: Ending["verdict"], now: number): void {
  if (verdict === "success") breaker.succeeded();
  else if (verdict === "failure") breaker.failed(now);
  else breaker.unsettled();
}

function learn(replica: Replica, ending: Ending, had: { seconds: number; cold: boolean }): void {
  const { agent, figures } = replica;
  const loadS = ending.loadS ?? 0;
  // Also where it was thought to be cold: a machine says what it has in memory a moment after it has it.
  if (loadS >= LEAST_LOAD_S) {
    replica.measuredLoadS.observe(loadS);
    const { size } = replica.entry;
    if (size !== undefined) agent.loadRate.observe(size / loadS);
  }
  // A cold request whose load nobody has measured says nothing of how long a warm one takes.
  if (!had.cold || ending.loadS !== undefined) {
    const serviceS = Math.max(0, had.seconds - loadS);
    replica.measuredServiceS.observe(serviceS);
    figures.serviceS.observe(serviceS);
  }
  if (ending.answer !== undefined && ending.answer.tokens > 0 && ending.answer.seconds >= LEAST_ANSWER_S) {
    const speed = ending.answer.tokens / ending.answer.seconds;
    replica.speed.observe(speed);
    agent.speed.observe(speed);
    figures.tokens.observe(ending.answer.tokens);
  }
}
