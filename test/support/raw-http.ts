import { connect } from "node:net";

/** What came back on a connection: text as it is, and the status of its first answer (0 when there was none). */
export interface RawAnswer {
  status: number;
  text: string;
}

/**
 * Sends these bytes to the server at `url` and reads until it closes: for requests that no HTTP client would write. Ask
 * for `connection: close`, or the server decides when it is over.
 */
export function rawHttp(url: string, request: string | Uint8Array): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => socket.write(request));
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    // A reset instead of an answer is an answer, too.
    socket.on("error", () => {});
    socket.on("close", () => {
      const text = Buffer.concat(chunks).toString("latin1");
      resolve({ text, status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0) });
    });
  });
}

/** A request head with a target as it is given. */
export function rawHead(method: string, target: string, headers: Record<string, string>): string {
  const lines = Object.entries({ connection: "close", ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return [`${method} ${target} HTTP/1.1`, ...lines, "", ""].join("\r\n");
}
