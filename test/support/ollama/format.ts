import type { OutgoingHttpHeaders } from "node:http";
import type { Json } from "./json.ts";

export interface ToolCall {
  id: string;
  name: string;
  args: Json;
}

export interface Usage {
  promptTokens: number;
  tokens: number;
  /** The answer ended because the request's number of tokens was reached. */
  limited: boolean;
  totalMs: number;
  loadMs: number;
  evalMs: number;
}

/** How one API writes an answer, as a stream and as a whole. One object for one answer. */
export interface Format {
  readonly contentType: string;
  readonly headers?: OutgoingHttpHeaders;
  /** `close` repeats the text of the whole answer. */
  readonly repeatsText?: boolean;
  /** Before the first token. */
  open(call: ToolCall | undefined): string;
  token(text: string): string;
  tool(call: ToolCall): string;
  close(usage: Usage, call: ToolCall | undefined, text: string): string;
  /** The JSON of an answer that is not streamed; `content` is put where the text goes. */
  whole(content: string, usage: Usage, call: ToolCall | undefined): string;
}

export const SSE = "text/event-stream";
export const NDJSON = "application/x-ndjson";

export function event(name: string, data: Json): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
