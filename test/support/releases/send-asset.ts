import type { IncomingMessage, ServerResponse } from "node:http";
import { sha256 } from "./archive.ts";
import { type ReleaseFaults, take } from "./faults.ts";

/** Sends an archive, or the rest of it, as a storage host does, with the faults that are set. */
export function sendAsset(
  request: IncomingMessage,
  response: ServerResponse,
  asset: Buffer,
  faults: ReleaseFaults,
  note: (status: number, from: number) => void,
): void {
  const etag = faults.newEtags ? `"${Math.random()}"` : `"${sha256(asset).slice(0, 32)}"`;
  const from = faults.noRange ? 0 : rangeStart(request, etag);
  if (from >= asset.length) {
    note(416, 0);
    response.writeHead(416, { "content-range": `bytes */${asset.length}` }).end();
    return;
  }
  const content = Buffer.from(asset);
  if (faults.wrongBytes) content.writeUInt8(content.readUInt8(content.length - 10) ^ 1, content.length - 10);
  const status = from === 0 ? 200 : 206;
  note(status, from);
  response.writeHead(status, {
    "content-type": "application/octet-stream",
    ...(faults.noEtag ? {} : { etag }),
    ...(faults.noRange ? {} : { "accept-ranges": "bytes" }),
    ...(status === 206 ? { "content-range": `bytes ${from}-${asset.length - 1}/${asset.length}` } : {}),
    ...(faults.tooLong === undefined
      ? { "content-length": String(content.length - from + (faults.lengthOff ?? 0)) }
      : {}),
  });
  const share = ({ at }: { at: number }): number => Math.floor(content.length * at);
  const { cut, stall, slow, tooLong } = faults;
  if (cut !== undefined && share(cut) > from && take(cut)) {
    response.write(content.subarray(from, share(cut)), () => {
      void (cut.ready?.() ?? Promise.resolve()).then(() => response.destroy());
    });
  } else if (stall !== undefined && share(stall) > from && take(stall)) {
    response.write(content.subarray(from, share(stall)));
  } else if (slow !== undefined) {
    dribble(response, content.subarray(from), slow.bytes);
  } else {
    response.write(content.subarray(from));
    if (tooLong !== undefined) response.write(Buffer.alloc(tooLong));
    // A length that was announced too large is not made true by the end of the answer.
    if ((faults.lengthOff ?? 0) > 0) response.write("", () => response.destroy());
    else response.end();
  }
}

/** The first byte that is asked for, if the client's copy is of this content. */
function rangeStart({ headers }: IncomingMessage, etag: string): number {
  const start = /^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1];
  const condition = headers["if-range"];
  return start === undefined || (condition !== undefined && condition !== etag) ? 0 : Number(start);
}

function dribble(response: ServerResponse, rest: Buffer, bytes: number): void {
  let at = 0;
  const timer = setInterval(() => {
    response.write(rest.subarray(at, at + bytes));
    at += bytes;
    if (at >= rest.length) response.end();
  }, 5);
  response.on("close", () => clearInterval(timer));
  response.on("finish", () => clearInterval(timer));
}
