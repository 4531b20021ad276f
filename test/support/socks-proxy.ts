import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { LoggingProxy, ProxiedRequest, ProxyAccount } from "./http-proxy.ts";

const USERNAME_PASSWORD = 2;
const NONE_ACCEPTABLE = 0xff;

/** A SOCKS5 proxy (RFC 1928) that lets in one user only (RFC 1929) and knows CONNECT only. */
export async function startSocksProxy(account: ProxyAccount): Promise<LoggingProxy> {
  const log: ProxiedRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    client.on("close", () => sockets.delete(client));
    client.on("error", () => client.destroy());
    serve(client, account, log).catch(() => client.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const { user, password } = account;
  return {
    url: `socks5://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${port}`,
    log,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

async function serve(client: Socket, account: ProxyAccount, log: ProxiedRequest[]): Promise<void> {
  const [version = 0, methods = 0] = await read(client, 2);
  if (version !== 5 || !(await read(client, methods)).includes(USERNAME_PASSWORD)) {
    client.end(Buffer.of(5, NONE_ACCEPTABLE));
    return;
  }
  client.write(Buffer.of(5, USERNAME_PASSWORD));
  const [, userLength = 0] = await read(client, 2);
  const user = (await read(client, userLength)).toString();
  const [passwordLength = 0] = await read(client, 1);
  const password = (await read(client, passwordLength)).toString();
  if (user !== account.user || password !== account.password) {
    log.push({ user: undefined, target: "", tunnel: true });
    client.end(Buffer.of(1, 1));
    return;
  }
  client.write(Buffer.of(1, 0));
  const [, command, , kind = 0] = await read(client, 4);
  const host = await readHost(client, kind);
  const port = (await read(client, 2)).readUInt16BE();
  log.push({ user, target: `${host}:${port}`, tunnel: true });
  const reply = (code: number): Buffer => Buffer.of(5, code, 0, 1, 0, 0, 0, 0, 0, 0);
  if (command !== 1) {
    client.end(reply(7));
    return;
  }
  const target = connect(port, host);
  target.on("error", () => {
    if (!client.destroyed) client.end(reply(5));
  });
  target.on("close", () => client.destroy());
  client.on("close", () => target.destroy());
  await once(target, "connect");
  client.write(reply(0));
  client.pipe(target).pipe(client);
}

async function readHost(client: Socket, kind: number): Promise<string> {
  if (kind === 1) return [...(await read(client, 4))].join(".");
  if (kind === 4) {
    const groups = (await read(client, 16)).toString("hex").match(/.{4}/g) ?? [];
    return groups.join(":");
  }
  const [length = 0] = await read(client, 1);
  return (await read(client, length)).toString();
}

/** Exactly so many bytes. */
async function read(client: Socket, bytes: number): Promise<Buffer> {
  for (;;) {
    if (bytes === 0) return Buffer.alloc(0);
    const got: unknown = client.read(bytes);
    if (Buffer.isBuffer(got) && got.length === bytes) return got;
    if (client.readableEnded || client.destroyed) throw new Error("the client left");
    await once(client, "readable");
  }
}
