import { z } from "zod";
import { CLIENT_ERRORS, type ErrorCode } from "../../shared/api/errors.ts";
import { attemptView } from "../../shared/api/requests.ts";
import type { Call, Outcome } from "../coordinator/api.ts";
import type { Viewer } from "../coordinator/feed/page.ts";

/** How the Worker and the object talk about a forwarded request: in headers, since the bodies are the client's. */
export const CALL_HEADER = "x-coordinator-call";
export const OUTCOME_HEADER = "x-coordinator-outcome";
export const AGENT_ID_HEADER = "x-coordinator-agent-id";
export const VIEWER_HEADER = "x-coordinator-viewer";

const ticket = z.object({ arrived: z.number(), number: z.number() });

const code = z.enum(Object.keys(CLIENT_ERRORS) as [ErrorCode, ...ErrorCode[]]);

const call = z.object({
  id: z.string(),
  caller: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("key"), key_id: z.string(), by_path: z.boolean() }),
    z.object({ kind: z.literal("admin") }),
    z.object({ kind: z.literal("anonymous") }),
  ]),
  method: z.enum(["GET", "HEAD", "POST", "DELETE"]),
  endpoint: z.string(),
  class: z.enum(["infer", "show", "manage"]),
  dialect: z.enum(["native", "openai", "anthropic"]),
  since: z
    .string()
    .nullable()
    .transform((value) => value ?? undefined),
  path: z.string(),
  model: z
    .string()
    .nullable()
    .transform((value) => value ?? undefined),
  agent: z
    .string()
    .nullable()
    .transform((value) => value ?? undefined),
  modelAt: z.array(z.tuple([z.number(), z.number()])).optional(),
  numCtx: z.number().optional(),
  stream: z.boolean().optional(),
  prefixes: z.array(z.string()).optional(),
  remember: z.array(z.string()).optional(),
  queueEvents: z.boolean().optional(),
  headers: z.array(z.tuple([z.string(), z.string()])),
  contentLength: z.number(),
  attempt: z.number(),
  avoid: z.array(z.string()),
  ticket: ticket.nullable().transform((value) => value ?? undefined),
  lostTo: code.optional(),
  tries: z.array(attemptView).optional(),
  mayRetry: z.boolean(),
});

const outcome = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("answered") }),
  z.object({ kind: z.literal("gone") }),
  z.object({
    kind: z.literal("refused"),
    code,
    message: z.string(),
    retryAfterS: z.number().optional(),
    queueMs: z.number().optional(),
  }),
  z.object({
    kind: z.literal("lost"),
    code,
    message: z.string(),
    agentId: z.string().optional(),
    ticket: ticket.optional(),
    tried: attemptView.optional(),
  }),
]);

export function encodeCall(value: Call): string {
  const { since, model, agent, ticket: place, ...rest } = value;
  return encode({
    ...rest,
    since: since ?? null,
    model: model ?? null,
    agent: agent ?? null,
    ticket: place ?? null,
  });
}

/** @throws when the header was not written by `encodeCall` of this or the previous release */
export function decodeCall(header: string): Call {
  return call.parse(JSON.parse(decodeURIComponent(header)));
}

export function encodeOutcome(value: Outcome): string {
  return encode(value);
}

export function decodeOutcome(header: string): Outcome {
  return outcome.parse(JSON.parse(decodeURIComponent(header)));
}

const viewer = z.object({
  token_id: z.string().nullable(),
  session_id: z.string().exactOptional(),
  until: z.number().nullable(),
});

export function encodeViewer(value: Viewer): string {
  return encode(value);
}

/** @throws when the header was not written by `encodeViewer` */
export function decodeViewer(header: string): Viewer {
  return viewer.parse(JSON.parse(decodeURIComponent(header)));
}

/** Header values are Latin-1; names of models and machines are not. */
function encode(value: object): string {
  return encodeURIComponent(JSON.stringify(value));
}
