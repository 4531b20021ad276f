import { Hono } from "hono";
import { isStub } from "../../shared/lib/cloud-stub.ts";
import { canonicalName } from "../../shared/lib/model-name.ts";
import type { LoadedModel, Model } from "../../shared/protocol/messages.ts";
import type { Result } from "../coordinator/api.ts";
import type { AppContext, AppEnv } from "../host.ts";
import { clientError } from "../middleware/client-error.ts";

/** Ollama version that this coordinator's own answers follow; said when no machine is online. */
const OWN_OLLAMA_VERSION = "0.20.0";

/** Routes that are answered from what the coordinator knows, without asking a machine. */
export function mergedRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/api/version", async (c) => {
    const { cell } = c.get("host");
    const [allowed, lowest] = await Promise.all([
      cell.mayCall(c.get("caller"), undefined),
      cell.lowestVersion(),
    ]);
    return answer(c, allowed, () => ({ version: lowest ?? OWN_OLLAMA_VERSION }));
  });
  // There is a cloud where a machine's owner allows it: then the lists have its models.
  app.get("/api/status", async (c) =>
    answer(c, await c.get("host").cell.tags(c.get("caller")), (models) => {
      const disabled = !models.some(isStub);
      return { cloud: { disabled, source: disabled ? "config" : "none" } };
    }),
  );
  app.get("/api/tags", async (c) =>
    answer(c, await c.get("host").cell.tags(c.get("caller")), (models) => ({ models })),
  );
  app.get("/api/ps", async (c) =>
    answer(c, await c.get("host").cell.ps(c.get("caller")), (models: LoadedModel[]) => ({ models })),
  );
  app.get("/v1/models", async (c) =>
    answer(c, await c.get("host").cell.tags(c.get("caller")), (models) => ({
      object: "list",
      data: models.map(openaiModel),
    })),
  );
  app.get("/v1/models/:model", async (c) => {
    const result = await c.get("host").cell.tags(c.get("caller"));
    const wanted = c.req.param("model");
    const found = result.ok
      ? result.value.find((model) => canonicalName(model.name) === canonicalName(wanted))
      : undefined;
    if (result.ok && found === undefined) {
      return clientError(c, { code: "model_not_found", message: `model '${wanted}' not found` });
    }
    return answer(c, result, () => (found === undefined ? {} : openaiModel(found)));
  });
  return app;
}

function answer<T>(c: AppContext, result: Result<T>, shape: (value: T) => object): Response {
  if (result.ok) return safe(c, shape(result.value));
  return clientError(c, { code: "unauthorized", message: result.error.message });
}

/** JSON with the headers that every answer of the client API carries. */
function safe(c: AppContext, body: object): Response {
  c.header("x-content-type-options", "nosniff");
  c.header("content-security-policy", "sandbox");
  return c.json(body);
}

function openaiModel(model: Model): object {
  const modified = model.modified_at === undefined ? Number.NaN : Date.parse(model.modified_at);
  const slash = model.name.indexOf("/");
  return {
    id: model.name,
    object: "model",
    created: Number.isNaN(modified) ? 0 : Math.floor(modified / 1_000),
    owned_by: slash < 0 ? "library" : model.name.slice(0, slash),
  };
}
