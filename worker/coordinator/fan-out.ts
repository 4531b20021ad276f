import { CLIENT_ERRORS, type ErrorCode } from "../../shared/api/errors.ts";
import type { Agent } from "./agent.ts";
import { type AttemptEnd, messageOf } from "./attempt.ts";
import type { ByteSource, ClientSide } from "./client-side.ts";
import type { Clock } from "./deps.ts";
import { LineMerge } from "./line-merge.ts";
import { LineReader } from "./line-reader.ts";
import { once } from "./once.ts";
import { PacedLines } from "./paced-lines.ts";
import { concat, readWhole } from "./whole-body.ts";

/** Largest body that is sent to several machines, bytes: administration bodies are a name or two. */
const MAX_BODY = 1024 * 1024;
/** Largest answer of a machine that is kept, bytes. */
const MAX_ANSWER = 1024 * 1024;

interface FanOutOptions {
  clock: Clock;
  agents: readonly [Agent, ...Agent[]];
  /** The route answers in progress lines, which become one stream unless the body says `"stream": false`. */
  merged: boolean;
  body: ByteSource | null;
  client: ClientSide;
  headers: [string, string][];
  run: (agent: Agent, body: ByteSource | null, side: ClientSide) => Promise<AttemptEnd>;
}

export type FanOutEnd =
  | { kind: "ended"; end: AttemptEnd }
  | { kind: "refused"; code: ErrorCode; message: string };

/** One administration request to several machines, and one answer. */
export async function fanOut(options: FanOutOptions): Promise<FanOutEnd> {
  const gone: FanOutEnd = { kind: "ended", end: { kind: "gone", status: undefined, bytes: 0 } };
  let body: Uint8Array | null | undefined;
  try {
    body = options.body === null ? null : await readWhole(options.body, MAX_BODY);
  } catch {
    // The client stopped in the middle of its own body: no machine has heard of it yet.
    return gone;
  }
  if (options.client.gone) return gone;
  if (body === undefined) {
    return {
      kind: "refused",
      code: "bad_request",
      message: `a body for several machines has at most ${MAX_BODY} bytes`,
    };
  }
  const whole = body;
  const streams = options.merged && wantsStream(whole);
  const merge = streams ? new LineMerge(options.client, options.headers) : undefined;
  const progress =
    merge === undefined
      ? undefined
      : { merge, lines: new PacedLines(options.clock, (value) => merge.line(value)) };
  const sides = options.agents.map((agent) => new CollectingSide(agent.name, progress));
  options.client.onGone = () => {
    progress?.lines.stop();
    for (const side of sides) side.leave();
  };
  const ends = await Promise.all(
    options.agents.map((agent, index) => {
      const side = sides[index];
      if (side === undefined) throw new Error("fan-out: a side for each agent");
      return options.run(agent, whole === null ? null : once(whole), side).then((end) => ({ end, side }));
    }),
  );
  for (const { end, side } of ends) {
    if (end.kind === "lost") side.lost(end.code);
  }
  await progress?.lines.idle();
  if (options.client.gone) return gone;
  if (merge !== undefined) {
    const bytes = merge.finish(sides.flatMap((side) => side.failure ?? []));
    return { kind: "ended", end: { kind: "complete", status: 200, bytes, stats: undefined } };
  }
  return { kind: "ended", end: answerForAll(options, sides) };
}

/** Progress is streamed unless the request says otherwise; what a body that is not JSON wants, Ollama will say. */
function wantsStream(body: Uint8Array | null): boolean {
  if (body === null) return true;
  try {
    const request: unknown = JSON.parse(new TextDecoder().decode(body));
    return !(
      typeof request === "object" &&
      request !== null &&
      "stream" in request &&
      request.stream === false
    );
  } catch {
    return true;
  }
}

/** The first machine's failure if there is one, else the first answer. */
function answerForAll(options: FanOutOptions, sides: readonly CollectingSide[]): AttemptEnd {
  const spokesman = sides.find((side) => side.status >= 400) ?? sides[0];
  const status = spokesman?.status ?? 502;
  const bytes = spokesman?.bytes ?? new Uint8Array(0);
  const type: [string, string][] =
    bytes.length > 0 ? [["content-type", "application/json; charset=utf-8"]] : [];
  const ours: [string, string][] =
    spokesman?.code === undefined ? [] : [["x-coordinator-error", spokesman.code]];
  options.client.head(status, [
    ...type,
    ["content-length", String(bytes.length)],
    ...ours,
    ...options.headers,
  ]);
  if (bytes.length > 0) options.client.write(bytes);
  options.client.end();
  return { kind: "complete", status, bytes: bytes.length, stats: undefined };
}

interface Progress {
  merge: LineMerge;
  lines: PacedLines;
}

/** Takes one machine's answer: kept whole, or passed on line by line. */
class CollectingSide implements ClientSide {
  onConsumed: (bytes: number) => void = () => {};
  onGone: () => void = () => {};
  gone = false;
  status = 0;
  /** Set when the answer is the coordinator's own error. */
  code: ErrorCode | undefined;
  #succeeded = false;
  #error: string | undefined;
  readonly #agent: string;
  readonly #progress: Progress | undefined;
  readonly #lines = new LineReader((value) => this.#line(value));
  #chunks: Uint8Array[] = [];
  #length = 0;

  constructor(agent: string, progress: Progress | undefined) {
    this.#agent = agent;
    this.#progress = progress;
  }

  get bytes(): Uint8Array {
    return concat(this.#chunks, this.#length);
  }

  /** Why this machine's stream of progress did not end well. */
  get failure(): { agent: string; error: string } | undefined {
    if (this.#error === undefined && this.#succeeded) return undefined;
    return { agent: this.#agent, error: this.#error ?? "the answer ended without success" };
  }

  head(status: number): void {
    this.status = status;
  }

  write(bytes: Uint8Array): void {
    const progress = this.#progress;
    if (progress !== undefined) {
      this.#lines.write(bytes);
      const taken = (): void => this.onConsumed(bytes.length);
      progress.lines.whenTaken(this.#agent, () => progress.merge.whenRead(taken));
      return;
    }
    if (this.#length + bytes.length <= MAX_ANSWER) {
      this.#chunks.push(bytes.slice());
      this.#length += bytes.length;
    }
    this.onConsumed(bytes.length);
  }

  #line(value: object): void {
    if ("error" in value) this.#failed(String(value.error));
    else if ("status" in value && value.status === "success") {
      this.#succeeded = true;
      this.#progress?.lines.push(this.#agent, { ...value, status: "done", agent: this.#agent });
    } else {
      this.#progress?.lines.push(this.#agent, { ...value, agent: this.#agent });
    }
  }

  #failed(error: string): void {
    this.#error = error;
    this.#progress?.lines.push(this.#agent, { status: `failed: ${error}`, agent: this.#agent });
  }

  end(): void {
    if (this.#progress !== undefined) this.#lines.end();
  }

  fail(code: ErrorCode, message: string): void {
    this.lost(code, message);
  }

  lost(code: ErrorCode, message = messageOf(code)): void {
    this.status = CLIENT_ERRORS[code].status;
    this.code = code;
    if (this.#progress !== undefined) {
      this.#failed(message);
      return;
    }
    const error = new TextEncoder().encode(JSON.stringify({ error: message, code }));
    this.#chunks = [error];
    this.#length = error.length;
  }

  leave(): void {
    this.gone = true;
    this.onGone();
  }
}
