import { type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { Readable } from "node:stream";
import { checkAnswer } from "./checked-answers.ts";

/** What a client has of an answer when it is over, however it ended. */
export interface Answer {
  /** 0 when there was none. */
  status: number;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
  text: string;
  /** `complete`: HTTP says that this is all of it. `reset`: the connection broke, before or in the answer. */
  end: "complete" | "reset";
}

/** A request under way. */
export interface Asked {
  /** Resolves when at least that many bytes of the body are here, or when no more are coming. */
  received(bytes: number): Promise<void>;
  /** Never rejects. */
  readonly answer: Promise<Answer>;
  /** Goes away: the connection is closed at once. */
  leave(): void;
}

export interface AskOptions {
  url: string;
  key: string;
  path: string;
  /** Bytes as they are, a stream of them (chunked unless a header says how long), or something to be sent as JSON. */
  body?: object | Uint8Array | Readable;
  method?: string;
  headers?: Record<string, string>;
}

/** A client that sees its connection's end exactly: on a socket of its own, without retries, nothing buffered. */
export function ask(options: AskOptions): Asked {
  const { body } = options;
  const json = body !== undefined && !(body instanceof Uint8Array) && !(body instanceof Readable);
  let leave = (): void => {};
  const chunks: Buffer[] = [];
  let length = 0;
  let over = false;
  const waiting = new Set<{ bytes: number; resolve: () => void }>();
  const tell = (): void => {
    for (const waiter of waiting) {
      if (!over && length < waiter.bytes) continue;
      waiting.delete(waiter);
      waiter.resolve();
    }
  };
  const answer = new Promise<Answer>((resolve) => {
    let response: IncomingMessage | undefined;
    const settle = (): void => {
      over = true;
      const bytes = Buffer.concat(chunks);
      const all: Answer = {
        status: response?.statusCode ?? 0,
        headers: response?.headers ?? {},
        bytes,
        text: bytes.toString(),
        end: response?.complete === true ? "complete" : "reset",
      };
      void checked(options, all).then(() => resolve(all));
      tell();
    };
    const sent = request(
      options.url + options.path,
      {
        method: options.method ?? "POST",
        agent: false,
        headers: {
          authorization: `Bearer ${options.key}`,
          ...(json ? { "content-type": "application/json" } : {}),
          ...options.headers,
        },
      },
      (incoming) => {
        response = incoming;
        incoming.on("data", (chunk: Buffer) => {
          chunks.push(chunk);
          length += chunk.length;
          tell();
        });
        // A reset in the answer is said here and then by the close, which is what counts.
        incoming.on("error", () => {});
        incoming.on("close", settle);
      },
    );
    sent.on("error", () => {
      if (response === undefined) settle();
    });
    leave = () => sent.destroy();
    if (body instanceof Readable) body.pipe(sent);
    else sent.end(body === undefined || body instanceof Uint8Array ? body : JSON.stringify(body));
  });
  return {
    answer,
    leave: () => leave(),
    received: (bytes) =>
      new Promise((resolve) => {
        waiting.add({ bytes, resolve });
        tell();
      }),
  };
}

async function checked({ url, path, method = "POST" }: AskOptions, answer: Answer): Promise<void> {
  if (answer.end !== "complete") return;
  const [bare = ""] = path.split("?");
  const contentType = answer.headers["content-type"] ?? "";
  await checkAnswer(url, { method, path: bare, status: answer.status, contentType, body: answer.text });
}
