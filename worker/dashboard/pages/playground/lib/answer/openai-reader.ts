import type { DialectReader } from "./dialect-reader.ts";
import { type AnswerEvent, NO_USAGE, type Usage } from "./events.ts";
import { count, type Json, list, record, text } from "./json.ts";

/** Events of `POST /v1/chat/completions`. */
export class OpenaiReader implements DialectReader {
  #reason: string | undefined;
  #usage: Usage = NO_USAGE;

  object(chunk: Json): AnswerEvent[] {
    const { prompt_tokens, completion_tokens } = record(chunk.usage);
    if (count(completion_tokens) !== undefined)
      this.#usage = { ...NO_USAGE, promptTokens: count(prompt_tokens), tokens: count(completion_tokens) };
    const choice = record(list(chunk.choices)[0]);
    this.#reason = text(choice.finish_reason) ?? this.#reason;
    const delta = record(choice.delta);
    const events: AnswerEvent[] = [];
    // Ollama calls it the one, others call it the other.
    const thinking = text(delta.reasoning) ?? text(delta.reasoning_content);
    if (thinking !== undefined) events.push({ kind: "thinking", text: thinking });
    const content = text(delta.content);
    if (content !== undefined) events.push({ kind: "text", text: content });
    for (const call of list(delta.tool_calls)) {
      const { name, arguments: piece } = record(record(call).function);
      events.push({ kind: "tool", name: text(name), text: text(piece) ?? "" });
    }
    return events;
  }

  mark(data: string): AnswerEvent[] | undefined {
    return data === "[DONE]" ? [{ kind: "done", reason: this.#reason, usage: this.#usage }] : undefined;
  }
}
