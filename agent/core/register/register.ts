import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { TLSSocket } from "node:tls";
import {
  apiError,
  type RegisterRequest,
  type RegisterResponse,
  registerResponse,
} from "../../../shared/api/register.ts";
import { PROGRAM_VERSION } from "../../../shared/protocol/version.ts";
import { parseJson, readStart } from "../answer.ts";
import type { Clock } from "../clock.ts";
import { below } from "../coordinator-url.ts";
import { type NetworkStep, networkFailure } from "../network-error.ts";
import type { ProxyRoute } from "../proxy.ts";

const ANSWER_MS = 10_000;

export interface Registration {
  coordinatorUrl: string;
  joinToken: string;
  machine: RegisterRequest;
}

export type Registered =
  | { ok: true; agent: RegisterResponse & { agent_token: string } }
  /** `retry`: the same attempt may work later; otherwise a person has to act. */
  | { ok: false; step: NetworkStep; retry: boolean; message: string };

/** Makes this machine known to a coordinator with a join token. */
export async function register(
  registration: Registration,
  { proxy, clock }: { proxy: ProxyRoute; clock: Clock },
): Promise<Registered> {
  const url = below(registration.coordinatorUrl, "/api/agents/register");
  try {
    return judge(url, await post(url, registration, proxy, clock), proxy);
  } catch (error) {
    return { ok: false, retry: true, ...networkFailure(error, url, proxy.proxyFor(url)) };
  }
}

interface Answer {
  status: number;
  type: string;
  location: string | undefined;
  body: string;
  /** The answer did not come out of the TLS connection that was asked for. */
  fromProxy: boolean;
}

function post(
  url: URL,
  { joinToken, machine }: Registration,
  proxy: ProxyRoute,
  clock: Clock,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const secure = url.protocol === "https:";
    const body = Buffer.from(JSON.stringify(machine));
    const request = (secure ? httpsRequest : httpRequest)(url, {
      method: "POST",
      headers: {
        authorization: `Bearer ${joinToken}`,
        "content-type": "application/json",
        "content-length": body.length,
        "user-agent": `ollama-coordinator-agent/${PROGRAM_VERSION}`,
      },
      ...(proxy.agent === undefined ? {} : { agent: proxy.agent }),
    });
    const cancel = clock.after(ANSWER_MS, () => {
      const error = new Error(`nothing within ${ANSWER_MS / 1000} s`);
      // Also here: while a proxy takes the connection and says nothing, a request that is destroyed tells nobody.
      reject(error);
      request.destroy(error);
    });
    request.on("close", cancel);
    request.on("error", reject);
    request.on("response", (response) => {
      const fromProxy = secure && !(response.socket instanceof TLSSocket);
      readStart(response).then((text) => {
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers["content-type"] ?? "no content type",
          location: response.headers.location,
          body: text,
          fromProxy,
        });
        request.destroy();
      }, reject);
    });
    request.end(body);
  });
}

function judge(url: URL, answer: Answer, proxy: ProxyRoute): Registered {
  const { status } = answer;
  const where = url.href;
  const via = proxy.proxyFor(url);
  if (status === 407 || answer.fromProxy) {
    return {
      ok: false,
      step: "proxy",
      retry: status !== 407,
      message: `the proxy ${via ?? ""} answered HTTP ${status} instead of connecting to ${url.host}: check its user, password and rules`,
    };
  }
  const said = apiError.safeParse(parseJson(answer.body));
  const text = said.success ? said.data.error : undefined;
  const failed = (retry: boolean, message: string): Registered => ({
    ok: false,
    step: "http",
    retry,
    message,
  });
  if (status >= 300 && status < 400) {
    return failed(
      false,
      `${where} redirects to ${answer.location ?? "nowhere"} (HTTP ${status}): use the address it redirects to as coordinator URL`,
    );
  }
  if (status === 401) {
    return failed(
      false,
      `the join token was refused (HTTP 401: ${text ?? "no reason given"}): create a new join token and start again with it`,
    );
  }
  if (status === 408 || status === 429 || status >= 500) {
    return failed(
      true,
      `${where} cannot register this machine now (HTTP ${status}${text === undefined ? "" : `: ${text}`})`,
    );
  }
  if (status !== 200 && text !== undefined) {
    return failed(false, `${where} refused this machine (HTTP ${status}: ${text}${fieldsOf(said)})`);
  }
  const parsed = registerResponse.safeParse(status === 200 ? parseJson(answer.body) : undefined);
  if (!parsed.success || parsed.data.agent_token === undefined) {
    return failed(
      false,
      `${url.origin}${url.pathname} is not a coordinator (HTTP ${status}, ${answer.type}): check the coordinator URL`,
    );
  }
  return { ok: true, agent: { ...parsed.data, agent_token: parsed.data.agent_token } };
}

function fieldsOf(said: ReturnType<typeof apiError.safeParse>): string {
  const fields = said.success ? Object.entries(said.data.fields ?? {}) : [];
  return fields.length === 0 ? "" : `; ${fields.map(([name, text]) => `${name}: ${text}`).join(", ")}`;
}
