import { CLIENT_ERRORS } from "../../shared/api/errors.ts";
import { isCloudName } from "../../shared/lib/model-name.ts";
import { TopLevelScan } from "../../shared/lib/model-scan.ts";
import type { Call, CoordinatorApi, Outcome } from "../coordinator/api.ts";
import type { ByteSource } from "../coordinator/client-side.ts";
import { nextAttempt } from "../coordinator/next-attempt.ts";
import type { ForwardedCall } from "../host.ts";
import { bodySays, type Said } from "./body-says.ts";
import { findModel } from "./find-model.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import { type ReplayAttempt, ReplayBody } from "./replay-body.ts";

/** What sending one attempt came to; `answer` is whatever the platform makes of an answer that has begun. */
export type Sent<Answer> = { kind: "answered"; answer: Answer } | Exclude<Outcome, { kind: "answered" }>;

export type Refused = Extract<Outcome, { kind: "refused" }>;

export interface RetryOptions<Answer> {
  call: ForwardedCall;
  source: ByteSource | null;
  contentType: string;
  contentEncoding: string;
  budget: MemoryBudget;
  /** Asked only about a request that is refused here. */
  mayCall: CoordinatorApi["mayCall"];
  /**
   * Sends one attempt. `begun` is to be called when the answer begins: the body need not be kept any more. `whole` is the body in
   * one piece where all of it has come already, as most have. Of an attempt that is answered, `body` is the sender's: its memory
   * counts until it is read to its end, cancelled or released.
   */
  send(
    call: Call,
    body: ReplayAttempt | null,
    begun: () => void,
    whole: Uint8Array | undefined,
  ): Promise<Sent<Answer>>;
}

/**
 * A body that names no model is refused without asking anybody, so who sends it has to be asked about first: to a
 * stranger, 401 and 403 come before what is wrong with the body.
 */
async function refuse<Answer>(
  options: RetryOptions<Answer>,
  code: "bad_request" | "overloaded",
  message: string,
): Promise<Refused> {
  return (await mayNot(options)) ?? { kind: "refused", code, message };
}

async function mayNot<Answer>(
  { call, mayCall }: RetryOptions<Answer>,
  models?: readonly string[],
): Promise<Refused | undefined> {
  const permission = call.class === "manage" || call.agent !== undefined ? "manage" : "infer";
  const allowed = await mayCall(call.caller, permission, models);
  if (allowed.ok) return undefined;
  const { status, message } = allowed.error;
  return { kind: "refused", code: status === 401 ? "unauthorized" : "forbidden", message };
}

/** Routes whose body names a second model, which a key that may use some models has to be allowed, too. */
const OTHER_MODEL: Readonly<Record<string, string>> = { "/api/copy": "destination", "/api/create": "from" };

/** Reads the whole of such a body; bodies of administration are small. */
async function refuseOtherModel<Answer>(
  options: RetryOptions<Answer>,
  body: ReplayBody,
): Promise<Refused | undefined> {
  const key = OTHER_MODEL[options.call.endpoint];
  if (key === undefined) return undefined;
  for (;;) {
    const chunk = body.ended ? null : await body.readAhead();
    if (chunk === undefined) return refuse(options, "overloaded", "the body is too large to look at");
    if (chunk === null) break;
  }
  const scan = new TopLevelScan([key]);
  for (const chunk of body.kept) scan.push(chunk);
  if (scan.conflict) return refuse(options, "bad_request", `the body names two different models as "${key}"`);
  const model = scan.found.get(key)?.trim() ?? "";
  if (model === "") return undefined;
  const forbidden = await mayNot(options, [model]);
  if (forbidden !== undefined || !isCloudName(model)) return forbidden;
  const message = "models of ollama.com would use the account of a machine's owner";
  return { kind: "refused", code: "forbidden", message };
}

/** Keys of the model's name: for most routes `model`; older clients of some say `name`, and copy says `source`. */
function modelKeys(endpoint: string): string[] {
  if (endpoint === "/api/copy") return ["source"];
  if (endpoint === "/api/show" || endpoint.startsWith("/api/pull") || endpoint === "/api/create") {
    return ["model", "name"];
  }
  return endpoint === "/api/delete" ? ["model", "name"] : ["model"];
}

/** Finds the model, then sends the request, again as long as nobody has seen a byte and the body is still there. */
export async function withRetries<Answer>(
  options: RetryOptions<Answer>,
): Promise<Exclude<Sent<Answer>, { kind: "lost" }>> {
  const { source, budget, call } = options;
  const body = source === null ? null : new ReplayBody(source, budget, call.contentLength);
  let answered = false;
  try {
    const sent = await findAndSend(options, body);
    answered = sent.kind === "answered";
    return sent;
  } catch (error) {
    if (body?.broken === true) return { kind: "gone" };
    throw error;
  } finally {
    if (answered) body?.forget();
    else body?.drop();
  }
}

async function findAndSend<Answer>(
  options: RetryOptions<Answer>,
  body: ReplayBody | null,
): Promise<Exclude<Sent<Answer>, { kind: "lost" }>> {
  const { call } = options;
  if (call.modelIn === "none") return attempts(options, { model: undefined }, body);
  if (body === null) return refuse(options, "bad_request", "missing request body");
  const found = await findModel(body, {
    contentType: options.contentType,
    contentEncoding: options.contentEncoding,
    in: call.modelIn,
    keys: modelKeys(call.endpoint),
  });
  if (found.kind === "none") return refuse(options, "bad_request", found.message);
  if (found.kind === "overloaded") {
    const message = "the body is too large to look for `model` in; send `model` as its first field";
    return refuse(options, "overloaded", message);
  }
  const refused = await refuseOtherModel(options, body);
  if (refused !== undefined) return refused;
  const { model } = found;
  body.found();
  const said = await bodySays(body, call, options.contentEncoding, model);
  if (said === undefined) return refuse(options, "overloaded", "the body cannot be kept");
  // Administration means the very model that it names: no other is ever put in its place.
  const modelAt = call.class === "manage" ? undefined : found.at;
  return attempts(options, { model, modelAt, ...said }, body);
}

async function attempts<Answer>(
  options: RetryOptions<Answer>,
  said: Pick<Call, "model" | "modelAt"> & Said,
  body: ReplayBody | null,
): Promise<Exclude<Sent<Answer>, { kind: "lost" }>> {
  const { modelIn: _modelIn, ...rest } = options.call;
  const retries = rest.class !== "manage";
  let call: Call = { ...rest, ...said, attempt: 1, avoid: [], ticket: undefined, mayRetry: retries };
  for (;;) {
    const whole = body?.whole(call.contentLength);
    const sent = await options.send(call, body?.attempt() ?? null, () => body?.forget(), whole);
    if (sent.kind === "refused") return call.mayRetry ? orTooLarge(sent, body) : sent;
    if (sent.kind !== "lost") return sent;
    // It was the body that failed, not the agent: trying again would take a slot for nobody.
    if (body?.broken === true) return { kind: "gone" };
    // The object was lost with the last attempt: it could not say so itself.
    if (!call.mayRetry) return { kind: "refused", code: sent.code, message: sent.message };
    // Mostly the brain has seen this itself. On Cloudflare it cannot where the budget was too small, or the body was just about to
    // become too large: then the loss is not in the history, and the key's place is free after 10 s.
    if (body !== null && !body.replayable) {
      return orTooLarge({ kind: "refused", code: sent.code, message: sent.message }, body);
    }
    call = nextAttempt(call, sent);
  }
}

/** Says why there was no second try. */
function orTooLarge(refused: Refused, body: ReplayBody | null): Refused {
  if (body === null || body.replayable || CLIENT_ERRORS[refused.code].status < 500) return refused;
  return { ...refused, message: `${refused.message}; the body was too large to be sent again` };
}
