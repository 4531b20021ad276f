import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { PROGRAM_VERSION } from "../../../shared/protocol/version.ts";
import type { AppEnv } from "../../host.ts";
import { ACCESS_HEADER } from "../../middleware/cloudflare-access.ts";
import { CSRF_HEADER } from "../../middleware/csrf.ts";
import { SESSION_COOKIE } from "../../middleware/session-cookie.ts";
import { json, open } from "./route-parts.ts";

const route = createRoute({
  method: "get",
  path: "/openapi.json",
  operationId: "getDescription",
  summary: "This description",
  tags: ["operation"],
  security: [],
  middleware: open,
  responses: { 200: json("An OpenAPI 3.1 document", z.looseObject({ openapi: z.string() })) },
});

const TOKENS = {
  adminToken: "The coordinator's ADMIN_TOKEN, or a further token with the role admin, `oct_…`",
  viewerToken: "A further token with the role viewer, `oct_…`",
  joinToken: "A join token, `ocj_…`",
  agentToken: "An agent's own token, `oca_…`",
  pairingSecret: "What a machine got that asked to be let in, `ocp_…`",
};

const SENT_BY_BROWSERS = {
  session: {
    in: "cookie",
    name: SESSION_COOKIE,
    description: "A session of the dashboard, from POST /api/admin/session",
  },
  csrfToken: {
    in: "header",
    name: CSRF_HEADER,
    description:
      "`csrf_token` of GET /api/admin/session, with every change by a session or by Cloudflare Access",
  },
  access: {
    in: "header",
    name: ACCESS_HEADER,
    description: "Cloudflare Access, where it is configured; its cookie CF_Authorization will do as well",
  },
} as const;

/** Describes every route of the app that was made with a schema. */
export function openapi(app: OpenAPIHono<AppEnv>): void {
  for (const [name, description] of Object.entries(TOKENS)) {
    app.openAPIRegistry.registerComponent("securitySchemes", name, {
      type: "http",
      scheme: "bearer",
      description,
    });
  }
  for (const [name, scheme] of Object.entries(SENT_BY_BROWSERS)) {
    app.openAPIRegistry.registerComponent("securitySchemes", name, { type: "apiKey", ...scheme });
  }
  let document: { openapi: string } | undefined;
  app.openapi(route, (c) => {
    document ??= withPlainPatterns(
      app.getOpenAPI31Document({
        openapi: "3.1.0",
        info: {
          title: "Ollama Coordinator",
          version: PROGRAM_VERSION,
          description:
            "Management and registration. The client API is Ollama's own and is not described here.",
        },
        servers: [{ url: "/" }],
      }),
    );
    return c.json(document, 200);
  });
}

/** The generator writes a pattern with its flags (`^a$/u`), which no text matches; in JSON Schema every pattern is of Unicode. */
function withPlainPatterns<Value>(value: Value): Value {
  return JSON.parse(
    JSON.stringify(value, (name, each: unknown) =>
      name === "pattern" && typeof each === "string" ? each.replace(/\/u$/, "") : each,
    ),
  );
}
