import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { settingsPatch, settingsView } from "../../../shared/api/settings.ts";
import type { AppEnv } from "../../host.ts";
import { actor } from "./actor.ts";
import { fail } from "./problem.ts";
import { admin, adminSecurity, body, errors, json, viewer, viewerSecurity } from "./route-parts.ts";

const settingsSchema = settingsView.meta({ id: "Settings" });

const read = createRoute({
  method: "get",
  path: "/api/admin/settings",
  operationId: "getSettings",
  summary: "The settings that hold now",
  tags: ["settings"],
  security: viewerSecurity,
  middleware: viewer,
  responses: { 200: json("All settings", settingsSchema), ...errors(401, 503) },
});

const put = createRoute({
  method: "put",
  path: "/api/admin/settings",
  operationId: "changeSettings",
  summary: "Change settings",
  description: "Takes a part of the settings; applies all of it or nothing.",
  tags: ["settings"],
  security: adminSecurity,
  middleware: admin,
  request: { body: body(settingsPatch.meta({ id: "SettingsPatch" })) },
  responses: {
    200: json("All settings as they are now", settingsSchema),
    ...errors(400, 401, 409, 413, 503),
  },
});

export function settings(app: OpenAPIHono<AppEnv>): void {
  app.openapi(read, async (c) => c.json(await c.get("host").cell.getSettings(), 200));
  app.openapi(put, async (c) => {
    const result = await c.get("host").cell.putSettings(c.req.valid("json"), actor(c));
    return result.ok ? c.json(result.value, 200) : fail(c, result.error);
  });
}
