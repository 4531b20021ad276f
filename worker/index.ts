import { createApp } from "./app.ts";
import type { Bindings } from "./bindings.ts";
import { cellOf } from "./cells.ts";
import { sha256 } from "./edge/sha256.ts";
import { WorkerHost } from "./edge/worker-host.ts";
import type { AppContext } from "./host.ts";
import { readAccess } from "./middleware/access-config.ts";
import { cutPathKey, INTERNAL_HEADERS, PATH_KEY_HEADER } from "./middleware/path-key.ts";

export { CoordinatorObject } from "./object/coordinator-object.ts";

const hosts = new WeakMap<object, WorkerHost>();
const app = createApp((c: AppContext) => {
  const host = hosts.get(c.env);
  if (host === undefined) throw new Error("the host is made before the app is called");
  return host;
});

export default {
  async fetch(request, env, ctx) {
    if (!hosts.has(env)) hosts.set(env, new WorkerHost(env, await configOf(env)));
    return app.fetch(enter(request), env, ctx);
  },

  async scheduled(_controller, env) {
    await cellOf(env).prune();
  },
} satisfies ExportedHandler<Bindings>;

async function configOf(env: Bindings): Promise<WorkerHost["config"]> {
  return {
    adminTokenHash:
      env.ADMIN_TOKEN === undefined || env.ADMIN_TOKEN === "" ? undefined : await sha256(env.ADMIN_TOKEN),
    clientAuth: env.CLIENT_AUTH === "off" ? "off" : "required",
    hosts: [],
    access: accessOf(env),
    demo: false,
  };
}

/** What is wrong does not stop the clients: whoever comes by Access is told, and the log says it once an isolate. */
function accessOf(env: Bindings): WorkerHost["config"]["access"] {
  const access = readAccess(env);
  if (access !== undefined && "fault" in access) {
    console.error(JSON.stringify({ level: "error", message: access.fault }));
  }
  return access;
}

/** Nothing behind this line sees a key in a URL, or believes an internal header that a client sent. */
function enter(request: Request): Request {
  const url = new URL(request.url);
  const cut = cutPathKey(url.pathname + url.search);
  if (cut === undefined && !INTERNAL_HEADERS.some((name) => request.headers.has(name))) return request;
  const headers = new Headers(request.headers);
  for (const name of INTERNAL_HEADERS) headers.delete(name);
  if (cut !== undefined) headers.set(PATH_KEY_HEADER, cut.key);
  return new Request(new Request(cut === undefined ? url : new URL(url.origin + cut.rest), request), {
    headers,
  });
}
