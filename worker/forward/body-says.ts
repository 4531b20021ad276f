import type { Call, Caller } from "../coordinator/api.ts";
import type { ForwardedCall } from "../host.ts";
import { ConversationScan } from "./conversation-scan.ts";
import { type ReplayBody, SMALL } from "./replay-body.ts";

/** What a request's body says of how it wants to be served. */
export type Said = Pick<Call, "numCtx" | "stream" | "prefixes" | "remember">;

/** A conversation is known by its beginning: more of a large body is not worth the time of all others, bytes. */
const MOST_SCANNED = 256 * 1024;

interface Wanted {
  /** Whether Ollama takes `options` there. */
  numCtx?: true;
  /** What the route does when the body does not say; undefined: it never streams. */
  streams?: boolean;
  /** The member that holds the conversation. */
  list?: "messages" | "input";
}

const WANTED: Readonly<Record<string, Wanted>> = {
  "/api/generate": { numCtx: true, streams: true },
  "/api/chat": { numCtx: true, streams: true, list: "messages" },
  "/api/embed": { numCtx: true },
  "/api/embeddings": { numCtx: true },
  "/v1/chat/completions": { streams: false, list: "messages" },
  "/v1/completions": { streams: false },
  "/v1/responses": { streams: false, list: "input" },
  "/v1/messages": { streams: false, list: "messages" },
};

/**
 * Looks at what has been read of the body, and reads on where that costs the client no time: a small body has to be with Ollama
 * before it begins, and who wants to hear of its place in the line waits there anyway. What is read stays kept, whatever the
 * budget says; nothing here refuses a request.
 * @returns undefined when a piece was larger than the room made for it: it is lost, and the request cannot go on
 */
export async function bodySays(
  body: ReplayBody,
  call: ForwardedCall,
  contentEncoding: string,
  model: string,
): Promise<Said | undefined> {
  const wanted = WANTED[call.endpoint];
  if (wanted === undefined || call.class !== "infer" || !/^(identity)?$/i.test(contentEncoding.trim()))
    return {};
  const scan = new ConversationScan(wanted.list, JSON.stringify([ownerOf(call.caller), model]));
  const tells = call.queueEvents === true && wanted.streams !== undefined;
  let scanned = 0;
  for (const chunk of body.kept) {
    if (scanned >= MOST_SCANNED && !tells) break;
    scanned += chunk.length;
    scan.push(chunk);
  }
  const small = call.contentLength >= 0 && call.contentLength <= SMALL;
  while ((small || (tells && !scan.done && scan.stream === undefined)) && body.mayReadOn()) {
    const chunk = await body.readAhead();
    if (chunk === undefined) return undefined;
    if (chunk !== null) scan.push(chunk);
  }
  body.found();
  const { match, remember } = scan;
  return {
    ...(wanted.numCtx && scan.numCtx !== undefined ? { numCtx: scan.numCtx } : {}),
    ...streamed(scan, wanted.streams),
    ...(match.length > 0 ? { prefixes: match } : {}),
    ...(remember.length > 0 ? { remember } : {}),
  };
}

/** The route's own way counts only once nothing can come that says otherwise. */
function streamed(scan: ConversationScan, otherwise: boolean | undefined): Pick<Said, "stream"> {
  if (otherwise === undefined) return {};
  const stream = scan.stream ?? (scan.whole ? otherwise : undefined);
  return stream === undefined ? {} : { stream };
}

function ownerOf(caller: Caller): string {
  return caller.kind === "key" ? caller.key_id : caller.kind;
}
