import type { DialectReader } from "./dialect-reader.ts";
import type { AnswerEvent } from "./events.ts";
import { count, type Json, list, record, text } from "./json.ts";

const NS_PER_MS = 1e6;

/** Lines of `POST /api/chat`. */
export class OllamaReader implements DialectReader {
  object(line: Json): AnswerEvent[] {
    const message = record(line.message);
    const events: AnswerEvent[] = [];
    const thinking = text(message.thinking);
    if (thinking !== undefined) events.push({ kind: "thinking", text: thinking });
    const content = text(message.content);
    if (content !== undefined) events.push({ kind: "text", text: content });
    for (const call of list(message.tool_calls)) {
      const { name, arguments: given } = record(record(call).function);
      events.push({ kind: "tool", name: text(name), text: JSON.stringify(given ?? {}) });
    }
    if (line.done === true) events.push({ kind: "done", reason: text(line.done_reason), usage: usage(line) });
    return events;
  }

  mark(): undefined {
    return undefined;
  }
}

function usage(line: Json) {
  return {
    promptTokens: count(line.prompt_eval_count),
    tokens: count(line.eval_count),
    loadMs: ms(line.load_duration),
    promptMs: ms(line.prompt_eval_duration),
    evalMs: ms(line.eval_duration),
  };
}

function ms(value: unknown): number | undefined {
  const ns = count(value);
  return ns === undefined ? undefined : ns / NS_PER_MS;
}
