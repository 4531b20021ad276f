import type { ErrorFormat } from "./dialect.ts";

/** Ollama's own: `error` is a string, which its clients rely on. */
export const native: ErrorFormat = {
  body: ({ message, code }) => ({ error: message, code }),
  event: ({ message, code }) => `data: ${JSON.stringify({ error: message, code })}\n\n`,
};
