import type { DialectReader } from "./dialect-reader.ts";
import { type AnswerEvent, NO_USAGE, type Usage } from "./events.ts";
import { count, type Json, record, text } from "./json.ts";

/** Events of `POST /v1/messages`. */
export class AnthropicReader implements DialectReader {
  #reason: string | undefined;
  #usage: Usage = NO_USAGE;

  object(value: Json): AnswerEvent[] {
    switch (value.type) {
      case "message_start":
        this.#count(record(record(value.message).usage));
        return [];
      case "content_block_start": {
        const block = record(value.content_block);
        return block.type === "tool_use" ? [{ kind: "tool", name: text(block.name), text: "" }] : [];
      }
      case "content_block_delta":
        return delta(record(value.delta));
      case "message_delta":
        this.#reason = text(record(value.delta).stop_reason) ?? this.#reason;
        this.#count(record(value.usage));
        return [];
      case "message_stop":
        return [{ kind: "done", reason: this.#reason, usage: this.#usage }];
      default:
        return [];
    }
  }

  mark(): undefined {
    return undefined;
  }

  #count({ input_tokens, output_tokens }: Json): void {
    this.#usage = {
      ...this.#usage,
      promptTokens: count(input_tokens) ?? this.#usage.promptTokens,
      tokens: count(output_tokens) ?? this.#usage.tokens,
    };
  }
}

function delta({ type, text: piece, thinking, partial_json }: Json): AnswerEvent[] {
  if (type === "text_delta" && text(piece) !== undefined) return [{ kind: "text", text: String(piece) }];
  if (type === "thinking_delta" && text(thinking) !== undefined)
    return [{ kind: "thinking", text: String(thinking) }];
  if (type === "input_json_delta") return [{ kind: "tool", name: undefined, text: text(partial_json) ?? "" }];
  return [];
}
