import { Contract, type Exchange, isDescribed } from "./contract.ts";

/** Descriptions that were read, by their text: two hosts give the same. */
const contracts = new Map<string, Contract>();
const byOrigin = new Map<string, Promise<Contract>>();
const faults: string[] = [];
const unchecked = globalThis.fetch;

async function contractOf(origin: string): Promise<Contract> {
  const text = await (await unchecked(`${origin}/openapi.json`)).text();
  const known = contracts.get(text) ?? new Contract(text);
  contracts.set(text, known);
  return known;
}

/**
 * Compares an answer with what its coordinator's `/openapi.json` says; what is found is told by `takeFaults`. Does nothing for
 * what is not described there.
 */
export async function checkAnswer(origin: string, exchange: Exchange): Promise<void> {
  if (!isDescribed(exchange.path)) return;
  let contract = byOrigin.get(origin);
  if (contract === undefined) {
    contract = contractOf(origin);
    byOrigin.set(origin, contract);
  }
  try {
    const fault = (await contract).fault(exchange);
    if (fault !== undefined) faults.push(fault);
  } catch {
    // It was ended by the test meanwhile; the next answer of its next life asks again.
    byOrigin.delete(origin);
  }
}

/** Answers that were not as described, since the last call. */
export function takeFaults(): string[] {
  return faults.splice(0);
}

/** `fetch`, with every answer of the management API checked before the caller has it. */
export async function checkingFetch(...args: Parameters<typeof fetch>): Promise<Response> {
  const response = await unchecked(...args);
  const { origin, pathname } = new URL(response.url === "" ? String(args[0]) : response.url);
  if (!isDescribed(pathname) || response.type === "opaqueredirect") return response;
  const method = args[1]?.method ?? (args[0] instanceof Request ? args[0].method : "GET");
  const body = await response
    .clone()
    .text()
    // Broken off: there is no answer to check.
    .catch(() => undefined);
  if (body === undefined) return response;
  const { status, headers } = response;
  await checkAnswer(origin, {
    method: method.toUpperCase(),
    path: pathname,
    status,
    contentType: headers.get("content-type") ?? "",
    body,
  });
  return response;
}
