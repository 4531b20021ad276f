import { Server } from "proxy-chain";

export interface ProxiedRequest {
  /** Who asked, as the proxy believes it; undefined: nobody, or with a wrong password. */
  user: string | undefined;
  /** Host and port. */
  target: string;
  /** CONNECT, that is, a tunnel; otherwise a forwarded request. */
  tunnel: boolean;
}

export interface LoggingProxy {
  /** With user and password, as an environment variable names it. */
  readonly url: string;
  readonly log: ProxiedRequest[];
  close(): Promise<void>;
}

export interface ProxyAccount {
  user: string;
  password: string;
}

/** A real HTTP proxy that lets in one user only. */
export async function startHttpProxy({ user, password }: ProxyAccount): Promise<LoggingProxy> {
  const log: ProxiedRequest[] = [];
  const proxy = new Server({
    port: 0,
    host: "127.0.0.1",
    prepareRequestFunction: (asked) => {
      const known = asked.username === user && asked.password === password;
      log.push({
        user: known ? user : undefined,
        target: `${asked.hostname}:${asked.port}`,
        tunnel: !asked.isHttp,
      });
      return { requestAuthentication: !known };
    },
  });
  await proxy.listen();
  return {
    url: `http://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${proxy.port}`,
    log,
    close: () => proxy.close(true),
  };
}
