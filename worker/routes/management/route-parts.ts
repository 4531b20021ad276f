import { z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { apiError } from "../../../shared/api/register.ts";
import type { AppEnv } from "../../host.ts";
import { allow } from "../../middleware/management-auth.ts";
import { type Failure, fail } from "./problem.ts";

/** No body of this API comes near this; a larger one is not worth the memory to read it. */
const MAX_BODY_BYTES = 256 * 1024;

const noStore: MiddlewareHandler<AppEnv> = (c, next) => {
  c.header("cache-control", "no-store");
  c.header("x-content-type-options", "nosniff");
  return next();
};

export const limitBody = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: (c) => {
    // What was not read still stands in the connection: a server ends it soon, under the client's next request.
    c.header("connection", "close");
    const message = `the body may have at most ${MAX_BODY_BYTES} bytes`;
    return fail(c, { status: 413, code: "too_large", message });
  },
});

type Security = Record<string, string[]>[];

/** In front of a route that anyone may call, or that has its own check. */
export const open = [noStore];
/** In front of a route that changes something or shows a secret: who it is comes before what is in it. */
export const admin = [noStore, allow("admin"), limitBody];
/** In front of a route that only reads, and shows nothing secret. */
export const viewer = [noStore, allow("viewer"), limitBody];

/** A change by what a browser sends by itself: that alone is not enough. */
export const changeSecurity: Security = [
  { session: [], csrfToken: [] },
  { access: [], csrfToken: [] },
];
/** What the document says of a route with `admin` that changes something, of one that reads, and of one with `viewer`. */
export const adminSecurity: Security = [{ adminToken: [] }, ...changeSecurity];
export const adminReadSecurity: Security = [{ adminToken: [] }, { session: [] }, { access: [] }];
export const viewerSecurity: Security = [...adminReadSecurity, { viewerToken: [] }];

export const idParam = z.object({ id: z.string().meta({ description: "As the list shows it" }) });

export function json<Schema extends z.ZodType>(
  description: string,
  schema: Schema,
): { description: string; content: { "application/json": { schema: Schema } } } {
  return { description, content: { "application/json": { schema } } };
}

export function body<Schema extends z.ZodType>(
  schema: Schema,
): { required: true; content: { "application/json": { schema: Schema } } } {
  return { required: true, content: { "application/json": { schema } } };
}

const ERRORS: Record<Failure["status"], string> = {
  400: "A field or the whole body is not allowed; `fields` says which and what is",
  401: "The token is missing or not valid",
  403: "The token does not allow this",
  404: "There is none with this id",
  409: "It contradicts what is there",
  410: "It is over",
  413: "The body is too large",
  429: "Too many",
  503: "Not configured, or a part of the coordinator is away",
};

const errorSchema = apiError.meta({ id: "Error" });
type ErrorResponse = ReturnType<typeof json<typeof errorSchema>>;

/** Documents the errors of a route; for the type checker any status but the documented successes may be one. */
export function errors(...statuses: Failure["status"][]): { default: ErrorResponse } {
  // Who has to say who it is may be told that this is not enough, or that it was wrong too often.
  const all =
    statuses.includes(401) && statuses.includes(503) ? [...statuses, 403 as const, 429 as const] : statuses;
  const known = all.map((status) => [status, json(ERRORS[status], errorSchema)]);
  return { ...Object.fromEntries(known), default: json("Any other error", errorSchema) };
}
