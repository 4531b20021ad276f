import type { OpenAPIHono } from "@hono/zod-openapi";
import type { AppEnv } from "../host.ts";
import { appPage } from "./dashboard.ts";

/** The management API's description as a page; the description is public, and so is this. */
export function docs(app: OpenAPIHono<AppEnv>): void {
  app.get("/docs", (c) => appPage(c, "docs/index.html"));
  app.get("/docs/", (c) => c.redirect("/docs", 301));
}
