import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createApp } from "../app.ts";
import type { Host } from "../host.ts";
import { createHttpServer } from "./http-server.ts";

test.each([
  ["/ws/dashboard", /^HTTP\/1\.1 401 .*"unauthorized"\}$/s],
  // Whatever it would answer, it would be read as a whole first.
  ["/api/admin/requests/export?format=csv", /^HTTP\/1\.1 404 Not Found\r\n/],
])(
  "an upgrade of %s is refused and leaves no connection behind, also when the caller never closes its side",
  async (path, answer) => {
    const host = { config: { adminTokenHash: undefined, demo: false } } as Partial<Host> as Host;
    const server = createHttpServer(createApp(() => host));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const caller = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    onTestFinished(() => void caller.destroy());
    const upgrade = ["connection: Upgrade", "upgrade: websocket", "host: x"];
    caller.write([`GET ${path} HTTP/1.1`, ...upgrade, "", ""].join("\r\n"));
    const [accepted] = await once(server, "connection");
    const closed = once(accepted, "close");
    let text = "";
    caller.on("data", (data) => {
      text += data;
    });
    await once(caller, "end");
    expect(text).toMatch(answer);
    await closed;
  },
);
