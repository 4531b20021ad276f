import type { Bench } from "./bench.ts";

/** A body's fields as the document describes them. */
interface BodySchema {
  properties?: Record<string, unknown>;
}

export interface Operation {
  method: string;
  /** With `{id}`. */
  path: string;
  /** Names of its security schemes. */
  security: string[];
  query: string[];
  /** Names of the fields of its JSON body; undefined when it takes none. */
  fields: string[] | undefined;
  statuses: string[];
}

interface Documented {
  operationId?: string;
  summary?: string;
  tags?: string[];
  security?: Record<string, string[]>[];
  parameters?: { name: string; in: string }[];
  requestBody?: { content: Record<string, { schema: { $ref?: string } & BodySchema }> };
  responses: Record<string, unknown>;
}

export interface OpenapiDocument {
  openapi: string;
  components: { schemas: Record<string, BodySchema>; securitySchemes: Record<string, unknown> };
  paths: Record<string, Record<string, Documented>>;
}

export async function documentOf({ app }: Bench): Promise<OpenapiDocument> {
  return (await app.request("/openapi.json")).json();
}

/** Every route, as the OpenAPI document tells it: a route that it misses is a fault that another test finds. */
export async function operationsOf(bench: Bench): Promise<Operation[]> {
  const document = await documentOf(bench);
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, documented]) => {
      const given = documented.requestBody?.content["application/json"]?.schema;
      const schema =
        given?.$ref === undefined ? given : document.components.schemas[given.$ref.split("/").at(-1) ?? ""];
      return {
        method: method.toUpperCase(),
        path,
        security: (documented.security ?? []).flatMap((scheme) => Object.keys(scheme)),
        query: (documented.parameters ?? []).filter((one) => one.in === "query").map((one) => one.name),
        fields: given === undefined ? undefined : Object.keys(schema?.properties ?? {}),
        statuses: Object.keys(documented.responses),
      };
    }),
  );
}
