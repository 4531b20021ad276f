import type { OpenAPIHono } from "@hono/zod-openapi";
import type { AppContext, AppEnv } from "../host.ts";
import { PATH_KEY_HEADER } from "../middleware/path-key.ts";

/** Nothing from elsewhere, nothing inline: what a machine's name or a model's answer smuggles in is never run. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

const PAGE_HEADERS = {
  "content-security-policy": POLICY,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  // Its scripts change their names with each release: an old page would ask for what is gone.
  "cache-control": "no-cache",
};

const NOT_BUILT =
  "The dashboard is not built. Run `node scripts/build-dashboard.ts` (npm start and npm run build do it), then load this page again.\n";

/** The web app: one page for every path of its own, and the files that it loads. */
export function dashboard(app: OpenAPIHono<AppEnv>): void {
  // Ollama's clients ask for `/` and want its one line; a person who opens it wants to see something.
  app.use("/", async (c, next) => {
    if (isBrowser(c)) return c.redirect("/dashboard", 302);
    return next();
  });
  app.get("/dashboard/assets/*", async (c) => {
    const file = await c.get("host").asset(c, c.req.path.slice("/dashboard/".length));
    return file ?? c.text("404 no such file of the dashboard", 404, { "x-content-type-options": "nosniff" });
  });
  app.get("/dashboard", (c) => appPage(c, "index.html"));
  app.get("/dashboard/*", (c) => appPage(c, "index.html"));
}

/** A page of the web app with the headers that keep it harmless. @param path below `/dashboard/` */
export async function appPage(c: AppContext, path: string): Promise<Response> {
  const found = await c.get("host").asset(c, path);
  if (found === undefined) return c.text(NOT_BUILT, 503, PAGE_HEADERS);
  const response = new Response(found.body, found);
  for (const [name, value] of Object.entries(PAGE_HEADERS)) response.headers.set(name, value);
  return response;
}

function isBrowser(c: AppContext): boolean {
  const { method } = c.req;
  if (method !== "GET" && method !== "HEAD") return false;
  // A key in the path is a client's, whatever it says that it accepts.
  if (c.req.header(PATH_KEY_HEADER) !== undefined) return false;
  return c.req.header("accept")?.includes("text/html") === true;
}
