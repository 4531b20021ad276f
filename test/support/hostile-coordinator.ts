import { FakeAgent } from "../../worker/coordinator/testing/fake-agent.ts";
import { sha256 } from "../../worker/serve/node-deps.ts";
import { startLoadedCoordinator } from "./feed-load.ts";

/** What a page would run, sets this on its window. */
export const FLAG = "hostileTextHasRun";

const RUNS = `window.${FLAG}=1`;

/** Texts that want to be markup, to turn the line around, to hide, to break the line, or to be wider than any screen. */
export const HOSTILE = [
  `"><img src=x onerror="${RUNS}"><script>${RUNS}</script>`,
  `';${RUNS};//</title></textarea><svg/onload=${RUNS}>`,
  `javascript:${RUNS}//\u202egnp.exe\u2066\u200b\u200f\ufeff`,
  `two\nlines\t<b>and</b>\u0000\u001b[31m a code`,
  "W".repeat(10_240),
  "長い名前".repeat(2_560),
] as const;

/** The longest that each place takes. */
const MACHINE_CHARS = 200;
const MODEL_CHARS = 600;
const SHORT_CHARS = 100;
const TAG_CHARS = 50;
const NOTE_CHARS = 2_000;
const WORD_CHARS = 64;

/** A coordinator in which everything that somebody else can choose is hostile. */
export async function startHostileCoordinator(): Promise<Awaited<ReturnType<typeof startLoadedCoordinator>>> {
  const host = await startLoadedCoordinator({ agents: 1, requestsPerSecond: 0 });
  const { coordinator } = host;
  const call = async (path: string, body: object, token?: string): Promise<{ id: string; key: string }> => {
    const response = await fetch(host.url + path, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    // An error is an answer too, and its text is the model's name again; what is no JSON is a stream.
    return text.startsWith("{") && !text.includes("\n") ? JSON.parse(text) : { id: "", key: "" };
  };
  const manage = (path: string, body: object): Promise<{ id: string; key: string }> =>
    call(path, body, host.adminToken);
  const joined = await coordinator.createJoinToken({ name: "hostile", expires_in_s: 3_600, max_uses: 100 });
  if (!joined.ok) throw new Error(joined.error.message);
  const machine = { ip_address: "", ollama_version: "0.33.0", ollama_port: 11_434 };

  for (const [at, text] of HOSTILE.entries()) {
    const name = `${at} ${text}`.slice(0, MACHINE_CHARS);
    const about = { ...machine, machine_name: name, os: text.slice(0, MACHINE_CHARS) };
    const registered = await coordinator.register(sha256(joined.value.token), about);
    if (!registered.ok) throw new Error(registered.error.message);
    const id = registered.value.agent_id;
    const model = `${at}${text}`.slice(0, MODEL_CHARS);
    const details = { family: text.slice(0, WORD_CHARS), quantization_level: text.slice(0, WORD_CHARS) };
    new FakeAgent({
      id,
      name,
      serve: (request) => request.answer(`${JSON.stringify({ message: { content: text }, done: true })}\n`),
      hello: { os: text.slice(0, MACHINE_CHARS), agent_version: text.slice(0, WORD_CHARS) },
      state: {
        models: [{ name: model, size: 4e9, digest: text.slice(0, 100), details }],
        loaded: [{ name: model, size: 4e9 }],
        ollama_version: text.slice(0, WORD_CHARS),
        gpus: [{ name: text.slice(0, MACHINE_CHARS), memory_total_mb: 24_576, utilization: 50 }],
        // One of them works, the others have every reason not to.
        ...(at % 3 === 1 ? { yielding: { reason: "gpu_busy", detail: text.slice(0, MACHINE_CHARS) } } : {}),
        ...(at % 3 === 2 ? { ollama: "absent", ollama_error: text.slice(0, 500) } : {}),
      },
    }).dial(coordinator, Date.now);
    await coordinator.patchAgent(id, {
      tags: [`${at}${text}`.slice(0, TAG_CHARS).trim()],
      note: text.slice(0, NOTE_CHARS),
    });
    const short = `${at}${text}`.slice(0, SHORT_CHARS);
    const key = await manage("/api/admin/keys", { name: short, models: [text.slice(0, MACHINE_CHARS), "*"] });
    await manage("/api/admin/join-tokens", { name: short });
    await manage("/api/admin/tokens", { name: short });
    await call("/api/agents/register", { ...about, agent_version: text.slice(0, WORD_CHARS) });
    // One that is answered, one that nobody has, and one that is longer than any name.
    for (const asked of [model, `${model.slice(0, 100)} nowhere`, text]) {
      await call("/api/chat", { model: asked, messages: [{ role: "user", content: text }] }, key.key);
    }
    await coordinator.patchAgent(id, { weight: 2 });
  }
  return host;
}
