import type { Exchange } from "./exchange.ts";
import { JSON_TYPE } from "./exchange.ts";
import type { Format, Usage } from "./format.ts";
import type { Machine, Model } from "./machine.ts";
import type { Plan } from "./plan.ts";
import { tokenText } from "./tokens.ts";

/** Text of this length leaves as one write when nothing delays the tokens. */
const BATCH = 32 * 1024;
/** The Responses API repeats the text at the end; of longer answers only the beginning. */
const REPEATED = 8 * 1024 * 1024;
/** Stands where the text goes in an answer that is not streamed. Nothing that JSON would escape. */
const HOLE = "\u2063\u2063";

/** Loads the model, waits for a slot and runs `work` in it; gives the slot back in any case. */
export async function inSlot(
  machine: Machine,
  exchange: Exchange,
  model: Model,
  plan: Pick<Plan, "numCtx" | "keepAliveMs">,
  work: (loadMs: number) => Promise<void> | undefined,
): Promise<void> {
  const before = performance.now();
  const loading = machine.load(model, plan.numCtx);
  if (loading) await loading;
  const loadMs = loading ? performance.now() - before : 0;
  const slot = machine.slots(model).take(exchange);
  try {
    if (slot.ready) await slot.ready;
    const first = machine.options.firstTokenDelayMs;
    if (first > 0 && !exchange.gone) await machine.ticker.until(performance.now() + first);
    if (machine.hung) await machine.hung;
    if (!exchange.gone) await work(loadMs);
  } finally {
    slot.release();
    machine.used(model, plan.keepAliveMs);
  }
}

export function answer(
  machine: Machine,
  exchange: Exchange,
  model: Model,
  plan: Plan,
  format: Format,
  stream: boolean,
): Promise<void> {
  return inSlot(machine, exchange, model, plan, (loadMs) => {
    const started = performance.now();
    const usage = (): Usage => ({
      promptTokens: plan.promptTokens,
      tokens: plan.tokens,
      limited: plan.limited && plan.call === undefined,
      totalMs: performance.now() - exchange.seen.startedAt,
      loadMs,
      evalMs: performance.now() - started,
    });
    if (plan.call) plan.tokens = 1;
    else if (plan.totalBytes !== undefined) {
      const piece = stream ? format.token(tokenText(0, plan.tokenBytes)) : tokenText(0, plan.tokenBytes);
      plan.tokens = Math.ceil(plan.totalBytes / Buffer.byteLength(piece));
    }
    if (stream) return streamed(machine, exchange, plan, format, usage);
    return whole(machine, exchange, plan, format, usage);
  });
}

async function streamed(
  machine: Machine,
  exchange: Exchange,
  plan: Plan,
  format: Format,
  usage: () => Usage,
): Promise<void> {
  exchange.head(200, format.contentType, format.headers);
  const { call, delayMs, tokens, tokenBytes } = plan;
  const start = performance.now();
  let pending = format.open(call);
  let repeated = "";
  if (call) pending += format.tool(call);
  for (let k = 0; call === undefined && k < tokens; k++) {
    const text = tokenText(k, tokenBytes);
    if (format.repeatsText && repeated.length < REPEATED) repeated += text;
    const due = start + k * delayMs;
    if (delayMs > 0 && k > 0 && due > performance.now()) await machine.ticker.until(due);
    if (machine.hung) await machine.hung;
    if (exchange.gone) return;
    pending += format.token(text);
    if (delayMs === 0 && pending.length < BATCH) continue;
    const full = exchange.write(pending);
    pending = "";
    if (full) await full;
  }
  // Destroyed by a cut or left by the client: nothing to end.
  if (exchange.gone) return;
  exchange.end(pending + format.close(usage(), call, repeated));
}

async function whole(
  machine: Machine,
  exchange: Exchange,
  plan: Plan,
  format: Format,
  usage: () => Usage,
): Promise<void> {
  const { call, delayMs, tokens, tokenBytes } = plan;
  const length = call ? 0 : tokens;
  if (delayMs > 0 && length > 1) {
    await machine.ticker.until(performance.now() + (length - 1) * delayMs);
    if (machine.hung) await machine.hung;
  }
  if (exchange.gone) return;
  const [before = "", after = ""] = format.whole(HOLE, usage(), call).split(HOLE);
  let pending = before;
  let headed = false;
  for (let k = 0; k < length; k++) {
    pending += tokenText(k, tokenBytes);
    if (pending.length < BATCH) continue;
    if (!headed) exchange.head(200, JSON_TYPE);
    headed = true;
    const full = exchange.write(pending);
    pending = "";
    if (full) await full;
    if (exchange.gone) return;
  }
  if (headed) exchange.end(pending + after);
  else exchange.send(200, JSON_TYPE, pending + after);
}
