import type { Agent } from "node:http";
import { type Env, proxyFromEnv, variable } from "./proxy-env.ts";

/** The way to a coordinator through the proxies that the environment names. */
export interface ProxyRoute {
  /** For node:http, node:https and ws; undefined: their own default. */
  agent: Agent | undefined;
  /** The proxy that a URL goes through, without user and password; undefined for none. */
  proxyFor(url: URL): string | undefined;
}

export const DIRECT: ProxyRoute = { agent: undefined, proxyFor: () => undefined };

/** Loads the proxy code only on machines that name a proxy: it costs memory and start-up time. */
export async function proxyRoute(env: Env): Promise<ProxyRoute> {
  if (!["http_proxy", "https_proxy", "all_proxy"].some((name) => variable(env, name) !== "")) return DIRECT;
  const { ProxyAgent } = await import("proxy-agent");
  return {
    // Its own look-up would ask for WSS_PROXY where the URL is `wss:`, and miss HTTPS_PROXY.
    agent: new ProxyAgent({ getProxyForUrl: (url) => proxyFromEnv(env, new URL(url)) ?? "" }),
    proxyFor: (url) =>
      proxyFromEnv(env, url)
        // A password may have a slash in it; such a URL is of no use, and is shown to say so.
        ?.replace(/\/\/.*@/, "//")
        .replace(/\/$/, ""),
  };
}
