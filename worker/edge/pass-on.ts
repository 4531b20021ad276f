import { streamError } from "../dialects/dialect.ts";
import type { ForwardedCall } from "../host.ts";

/** What the object answers. */
export interface Answer {
  response: Response;
  /** To be called when nobody will read on in the request's body, as far as one can tell. */
  over: () => void;
}

/**
 * Hands the object's answer to the client, piped by the platform without script for each chunk. An object that is reset in
 * the middle would look to the client like a complete answer, so the pipe's failure is turned into an error that it can see.
 */
export function passOn(
  { response: answer, over }: Answer,
  call: ForwardedCall,
  waitUntil: (work: Promise<void>) => void,
): Response {
  const headers = new Headers(answer.headers);
  if (answer.body === null || call.method === "HEAD") {
    over();
    return new Response(null, { status: answer.status, headers });
  }
  if (headers.has("content-length")) {
    // Nobody here sees the end of it. But it is Ollama's own, which has the body: only who waits hears of its place before.
    over();
    // A client that was told the length sees by itself when an answer is cut.
    return new Response(answer.body, { status: answer.status, headers, encodeBody: "manual" });
  }
  const through = new IdentityTransformStream();
  waitUntil(pipe(answer.body, through.writable, headers.get("content-type") ?? "", call).finally(over));
  return new Response(through.readable, { status: answer.status, headers, encodeBody: "manual" });
}

async function pipe(
  body: ReadableStream,
  writable: WritableStream,
  contentType: string,
  call: ForwardedCall,
): Promise<void> {
  try {
    await body.pipeTo(writable, { preventClose: true, preventAbort: true });
    await writable.close();
  } catch {
    await end(writable, contentType, call);
  }
}

/** Whether the last line was cut is not known here: tokens come as whole lines, so that is what is assumed. */
async function end(writable: WritableStream, contentType: string, call: ForwardedCall): Promise<void> {
  const error = { code: "agent_lost", message: "the coordinator was restarted" } as const;
  const sse = contentType.startsWith("text/event-stream");
  const text = streamError(call.dialect, contentType, error, call.id, sse);
  const writer = writable.getWriter();
  try {
    if (text === undefined) {
      await writer.abort(new Error(error.message));
    } else {
      await writer.write(new TextEncoder().encode(text));
      await writer.close();
    }
  } catch {
    // It was the client that left: nobody is there to be told.
  }
}
