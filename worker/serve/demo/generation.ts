import { setTimeout as sleep } from "node:timers/promises";
import type { DemoModel } from "./catalog.ts";
import type { Machine } from "./machine.ts";

/** How fast a model would be read from a disk, bytes per ms. */
const LOAD_RATE = 5_000_000;
/** Reading a prompt is this much faster than writing. */
const PROMPT_FACTOR = 20;
const LONGEST_WAIT_MS = 2_000;
const QUOTE_CHARS = 80;

export interface Wish {
  prompt: string;
  maxTokens: number | undefined;
  keepAlive?: unknown;
}

/** One simulated answer: its words at the machine's pace, and the counts that the last message tells. */
export class Generation {
  readonly promptTokens: number;
  answerTokens = 0;
  reason: "stop" | "length" = "stop";
  loadMs = 0;
  promptMs = 0;
  answerMs = 0;
  readonly #machine: Machine;
  readonly #model: DemoModel;
  readonly #wish: Wish;

  constructor(machine: Machine, model: DemoModel, wish: Wish) {
    this.#machine = machine;
    this.#model = model;
    this.#wish = wish;
    this.promptTokens = countTokens(wish.prompt);
  }

  /** Brings the model into memory. @throws when the client is gone */
  async load(signal: AbortSignal): Promise<void> {
    if (!this.#machine.isLoaded(this.#model)) {
      this.loadMs = await waited(Math.min(LONGEST_WAIT_MS, this.#model.size / LOAD_RATE), signal);
    }
    this.#machine.keep(this.#model, undefined);
  }

  /** @throws when the client is gone */
  async *tokens(signal: AbortSignal): AsyncGenerator<string> {
    await this.load(signal);
    const perToken = 1000 / this.#machine.tokensPerSecond;
    const reading = (this.promptTokens * perToken) / PROMPT_FACTOR;
    this.promptMs = await waited(Math.min(LONGEST_WAIT_MS, reading), signal);
    const all = wordsOf(answerText(this.#machine, this.#model, this.#wish.prompt));
    const limit = Math.min(all.length, this.#wish.maxTokens ?? all.length);
    if (limit < all.length) this.reason = "length";
    const began = performance.now();
    try {
      for (const token of all.slice(0, limit)) {
        // Due times count from the beginning: timers that are late would add up otherwise.
        const due = began + (this.answerTokens + 1) * perToken;
        await sleep(Math.max(0, due - performance.now()), undefined, { signal });
        this.answerTokens++;
        this.answerMs = performance.now() - began;
        yield token;
      }
    } finally {
      this.#machine.keep(this.#model, this.#wish.keepAlive);
    }
  }

  async text(signal: AbortSignal): Promise<string> {
    let text = "";
    for await (const token of this.tokens(signal)) text += token;
    return text;
  }
}

export function countTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

async function waited(ms: number, signal: AbortSignal): Promise<number> {
  const began = performance.now();
  await sleep(ms, undefined, { signal });
  return performance.now() - began;
}

function wordsOf(text: string): string[] {
  return text.match(/\s*\S+/g) ?? [];
}

function answerText(machine: Machine, model: DemoModel, prompt: string): string {
  const flat = prompt.trim().replace(/\s+/g, " ");
  const quote = flat.length > QUOTE_CHARS ? `${flat.slice(0, QUOTE_CHARS)}…` : flat;
  return [
    `Hello! This is a simulation: no model was run, and nothing that you read here was thought up by ${model.name}.`,
    `The simulated machine ${machine.name} sends you these prepared words at ${machine.tokensPerSecond} tokens per second,`,
    "the way a real machine would send its answer through the coordinator.",
    `\n\nYou wrote: "${quote}"`,
    "\n\nStart the coordinator without --demo and let a machine of your own join to get a real answer.",
  ].join(" ");
}
