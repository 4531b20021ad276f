import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { PROGRAM_VERSION } from "../../../shared/protocol/version.ts";
import type { AppEnv } from "../../host.ts";
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

/** Describes every route of the app that was made with a schema. */
export function openapi(app: OpenAPIHono<AppEnv>): void {
  for (const [name, description] of Object.entries(TOKENS)) {
    app.openAPIRegistry.registerComponent("securitySchemes", name, {
      type: "http",
      scheme: "bearer",
      description,
    });
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
