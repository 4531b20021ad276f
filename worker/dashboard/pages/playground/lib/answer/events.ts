/** What is known of an answer's cost once it is complete. */
export interface Usage {
  promptTokens: number | undefined;
  tokens: number | undefined;
  /** As Ollama's own dialect tells it. */
  loadMs: number | undefined;
  promptMs: number | undefined;
  evalMs: number | undefined;
}

export const NO_USAGE: Usage = {
  promptTokens: undefined,
  tokens: undefined,
  loadMs: undefined,
  promptMs: undefined,
  evalMs: undefined,
};

/** Why there is no answer, or only a part of it. */
export type Problem =
  /** The coordinator or Ollama says so. */
  | { kind: "said"; message: string; code: string | undefined; status: number | undefined }
  /** It ended without its end mark. */
  | { kind: "cut" }
  /** It is not what this dialect looks like. */
  | { kind: "unreadable" }
  /** No connection, or one that broke. */
  | { kind: "unreachable" };

export type AnswerEvent =
  /** Its place among those that wait for the same model. */
  | { kind: "queued"; position: number; estimateMs: number | undefined }
  | { kind: "thinking"; text: string }
  | { kind: "text"; text: string }
  /** A call of a tool: its name comes first, its arguments in pieces. */
  | { kind: "tool"; name: string | undefined; text: string }
  /** @param reason as the dialect calls it: `stop`, `length`, `end_turn`… */
  | { kind: "done"; reason: string | undefined; usage: Usage }
  | { kind: "error"; problem: Problem };
