import { type AnswerEvent, NO_USAGE, type Problem, type Usage } from "./answer/events.ts";
import type { Chat, ChatMessage, Prompt } from "./chat.ts";
import { type Explained, type Measures, measured, type Times } from "./measure.ts";

export interface ToolCall {
  name: string;
  /** JSON as it came, perhaps not all of it. */
  text: string;
}

export type AnswerState =
  /** Sent; nothing has come yet. Its place is known while it stands in the queue. */
  | { kind: "waiting"; position: number | undefined; estimateMs: number | undefined }
  | { kind: "streaming" }
  | { kind: "done"; reason: string | undefined }
  | { kind: "stopped" }
  | { kind: "failed"; problem: Problem };

/** One answer to one prompt, as far as it has come. */
export interface Answer {
  /** The model and the machine that were asked. */
  model: string;
  agent: string | undefined;
  /** It was asked for as JSON: there is nothing in it to be marked up. */
  json: boolean;
  state: AnswerState;
  thinking: string;
  text: string;
  tools: readonly ToolCall[];
  explained: Explained | undefined;
  times: Times;
  usage: Usage | undefined;
}

/** A prompt and what came of it in each column. */
export interface Exchange {
  id: number;
  prompt: Prompt;
  /** By column; undefined: this column was not there then. */
  answers: readonly (Answer | undefined)[];
}

/** What was said, oldest first. It lives in the page's memory and nowhere else. */
export type Conversation = readonly Exchange[];

export function newAnswer({ model, agent, parameters }: Chat, sentAt: number): Answer {
  return {
    model,
    agent: agent?.name,
    json: parameters.json,
    state: { kind: "waiting", position: undefined, estimateMs: undefined },
    thinking: "",
    text: "",
    tools: [],
    explained: undefined,
    times: { sentAt, firstAt: undefined, lastAt: undefined },
    usage: undefined,
  };
}

/** An answer with one more event of its stream. @param at the page's clock, ms */
export function withEvent(answer: Answer, event: AnswerEvent, at: number): Answer {
  switch (event.kind) {
    case "queued": {
      const { position, estimateMs } = event;
      return { ...answer, state: { kind: "waiting", position, estimateMs } };
    }
    case "thinking":
      return { ...begun(answer, at), thinking: answer.thinking + event.text };
    case "text":
      return { ...begun(answer, at), text: answer.text + event.text };
    case "tool":
      return { ...begun(answer, at), tools: withTool(answer.tools, event.name, event.text) };
    case "done":
      return {
        ...ended(answer, at, { kind: "done", reason: event.reason }),
        usage: event.usage,
      };
    case "error":
      return ended(answer, at, { kind: "failed", problem: event.problem });
  }
}

export const stopped = (answer: Answer, at: number): Answer =>
  isRunning(answer) ? ended(answer, at, { kind: "stopped" }) : answer;

export const isRunning = ({ state }: Answer): boolean =>
  state.kind === "waiting" || state.kind === "streaming";

export const measuresOf = ({ times, usage, state }: Answer): Measures =>
  measured(times, state.kind === "done" ? (usage ?? NO_USAGE) : undefined);

function begun(answer: Answer, at: number): Answer {
  const { firstAt = at } = answer.times;
  return {
    ...answer,
    state: answer.state.kind === "streaming" ? answer.state : { kind: "streaming" },
    times: { ...answer.times, firstAt, lastAt: at },
  };
}

function ended(answer: Answer, at: number, state: AnswerState): Answer {
  return { ...answer, state, times: { ...answer.times, lastAt: at } };
}

/** A name begins a call; what has none continues the one before. */
function withTool(tools: readonly ToolCall[], name: string | undefined, text: string): ToolCall[] {
  const last = tools.at(-1);
  if (name !== undefined || last === undefined) return [...tools, { name: name ?? "", text }];
  return [...tools.slice(0, -1), { ...last, text: last.text + text }];
}

/**
 * What a column's model is told of the conversation before its next prompt. An exchange in which it said nothing (it failed,
 * or was stopped at once) is left out: two prompts in a row are no conversation, and some models refuse them.
 */
export function messagesOf(conversation: Conversation, column: number): ChatMessage[] {
  return conversation.flatMap(({ prompt, answers }) => {
    const text = answers[column]?.text ?? "";
    if (text === "") return [];
    return [
      { role: "user", ...prompt },
      { role: "assistant", text },
    ] satisfies ChatMessage[];
  });
}

export const withExchange = (conversation: Conversation, exchange: Exchange): Conversation => [
  ...conversation,
  exchange,
];

/** All before an exchange: where a prompt that was changed goes on from. */
export function upTo(conversation: Conversation, id: number): Conversation {
  const at = conversation.findIndex((exchange) => exchange.id === id);
  return at < 0 ? conversation : conversation.slice(0, at);
}

export const without = (conversation: Conversation, id: number): Conversation =>
  conversation.filter((exchange) => exchange.id !== id);

/** @param change of the answer in that column; nothing happens where there is none any more */
export function withAnswer(
  conversation: Conversation,
  id: number,
  column: number,
  change: (answer: Answer) => Answer,
): Conversation {
  return conversation.map((exchange) => {
    const answer = exchange.answers[column];
    if (exchange.id !== id || answer === undefined) return exchange;
    const answers = exchange.answers.map((one, at) => (at === column ? change(answer) : one));
    return { ...exchange, answers };
  });
}
