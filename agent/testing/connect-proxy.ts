import { request } from "node:http";
import { connect } from "node:net";
import { httpServer, type TestServer } from "./http-server.ts";

export interface ConnectProxy extends TestServer {
  /** `CONNECT host:port` or `GET http://…`, in order. */
  readonly asked: string[];
}

/** An HTTP proxy: tunnels CONNECT and forwards plain requests, or refuses both with `status`. */
export async function connectProxy(status?: number): Promise<ConnectProxy> {
  const asked: string[] = [];
  const proxy = await httpServer((incoming, outgoing) => {
    asked.push(`${incoming.method} ${incoming.url}`);
    if (status !== undefined) {
      outgoing.writeHead(status).end("no");
      return;
    }
    const { method, headers, url = "" } = incoming;
    incoming.pipe(
      request(url, { method: method ?? "GET", headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      }),
    );
  });
  proxy.server.on("connect", (incoming, socket, head) => {
    asked.push(`CONNECT ${incoming.url}`);
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const [host = "", port = ""] = (incoming.url ?? "").split(":");
    const target = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      target.write(head);
      target.pipe(socket).pipe(target);
    });
    target.on("error", () => socket.destroy());
    socket.on("error", () => target.destroy());
    socket.on("close", () => target.destroy());
  });
  return { ...proxy, asked };
}
