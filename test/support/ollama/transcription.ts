import { Refusal } from "./errors.ts";
import { inSlot } from "./generation.ts";
import type { Handler } from "./inference.ts";
import { scanForm } from "./scan.ts";
import { tokenText } from "./tokens.ts";

/** The one route whose model is in a multipart form. */
export const transcription: Handler = (machine, exchange) => {
  const name = scanForm(exchange.scanned);
  if (name === undefined || name === "") throw new Refusal(400, "model is required");
  exchange.modelIs(name);
  if (!exchange.scanned.some((part) => part.includes('name="file"'))) {
    throw new Refusal(400, "file is required");
  }
  const model = machine.demand(name);
  const plain = exchange.scanned.some((part) => /name="response_format"\r\n\r\ntext\r\n/.test(part));
  return inSlot(machine, exchange, model, { numCtx: undefined, keepAliveMs: undefined }, () => {
    const text = Array.from({ length: machine.options.tokens }, (_, k) => tokenText(k)).join("");
    if (plain) exchange.send(200, "text/plain; charset=utf-8", text);
    else exchange.json({ text });
    return undefined;
  });
};
