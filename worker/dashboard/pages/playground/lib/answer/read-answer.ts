import type { Dialect } from "../chat.ts";
import { AnthropicReader } from "./anthropic-reader.ts";
import { type DialectReader, errorIn } from "./dialect-reader.ts";
import type { AnswerEvent, Problem } from "./events.ts";
import { parsed } from "./json.ts";
import { Lines, LineTooLong } from "./lines.ts";
import { OllamaReader } from "./ollama-reader.ts";
import { OpenaiReader } from "./openai-reader.ts";
import { type ServerSent, ServerSentEvents } from "./server-sent.ts";

/** Most that is shown of an error answer that is not JSON: a sentence. */
const MOST_TEXT = 500;

const failed = (problem: Problem): AnswerEvent => ({ kind: "error", problem });

/** Something that is not JSON. */
const TORN = failed({ kind: "unreadable" });

const READERS: Record<Dialect, () => DialectReader> = {
  ollama: () => new OllamaReader(),
  openai: () => new OpenaiReader(),
  anthropic: () => new AnthropicReader(),
};

/**
 * An answer as it comes. The last event is `done` or `error`, and there is exactly one of them; nothing is said any more
 * once `signal` has been aborted. Whoever stops iterating ends the connection, and with it the work on the machine.
 */
export async function* readAnswer(
  dialect: Dialect,
  response: Response,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent, void> {
  try {
    if (response.ok) yield* streamed(dialect, response);
    else yield refused(await response.text(), response.status);
  } catch (error) {
    if (signal.aborted) return;
    yield failed(error instanceof LineTooLong ? { kind: "unreadable" } : { kind: "unreachable" });
  }
}

async function* streamed(dialect: Dialect, response: Response): AsyncGenerator<AnswerEvent, void> {
  const reader = READERS[dialect]();
  const isEvents = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
  const meaning = isEvents ? eventMeaning(reader) : lineMeaning(reader);
  let [readable, torn] = [false, false];
  for await (const line of linesOf(response)) {
    for (const event of meaning(line)) {
      // What a lost machine had begun to say stands torn before the coordinator's error: the error is what there is to say.
      if (event === TORN) {
        torn = true;
        continue;
      }
      readable = true;
      if (torn && event.kind !== "error") {
        yield failed({ kind: "unreadable" });
        return;
      }
      yield event;
      if (event.kind === "done" || event.kind === "error") return;
    }
  }
  yield failed({ kind: torn && !readable ? "unreadable" : "cut" });
}

/** @throws LineTooLong, and what the connection breaks with */
async function* linesOf(response: Response): AsyncGenerator<string, void> {
  if (response.body === null) return;
  const lines = new Lines();
  const reader = response.body.getReader();
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read())
      yield* lines.push(piece.value);
    yield* lines.end();
  } finally {
    // Of a stream that has ended or broken there is nothing left to end: that it says so is no news.
    reader.cancel().catch(() => undefined);
  }
}

type Meaning = (line: string) => AnswerEvent[];

function lineMeaning(reader: DialectReader): Meaning {
  return (line) => (line.trim() === "" ? [] : objectMeaning(reader, line, undefined));
}

function eventMeaning(reader: DialectReader): Meaning {
  const events = new ServerSentEvents();
  return (line) => {
    const sent = events.push(line);
    return sent === undefined ? [] : sentMeaning(reader, sent);
  };
}

function sentMeaning(reader: DialectReader, sent: ServerSent): AnswerEvent[] {
  if ("comment" in sent) return placeIn(sent.comment);
  return reader.mark(sent.data) ?? objectMeaning(reader, sent.data, sent.event);
}

function objectMeaning(reader: DialectReader, json: string, event: string | undefined): AnswerEvent[] {
  const value = parsed(json);
  if (value === undefined) return [TORN];
  const error = errorIn(value);
  return error === undefined ? reader.object(value, event) : [error];
}

/** `queued position=3 estimate_ms=1200`; the estimate is absent until one can be made. */
function placeIn(comment: string): AnswerEvent[] {
  const match = /^queued position=(\d+)(?: estimate_ms=(\d+))?$/.exec(comment);
  if (match === null) return [];
  const [, position, estimate] = match;
  return [
    {
      kind: "queued",
      position: Number(position),
      estimateMs: estimate === undefined ? undefined : Number(estimate),
    },
  ];
}

function refused(body: string, status: number): AnswerEvent {
  const value = parsed(body);
  const error = value === undefined ? undefined : errorIn(value, status);
  const message = body.trim().slice(0, MOST_TEXT);
  return error ?? failed({ kind: "said", message, code: undefined, status });
}
