import type { AnswerEvent } from "./events.ts";
import { type Json, record, text } from "./json.ts";

/** Makes sense of the objects of one dialect's stream. */
export interface DialectReader {
  /** @param event the name of the server-sent event that carried it */
  object(value: Json, event: string | undefined): AnswerEvent[];
  /** A data line that is not JSON; undefined: it has no place here. */
  mark(data: string): AnswerEvent[] | undefined;
}

/** An error in whichever dialect; undefined: the object is none. */
export function errorIn(value: Json, status?: number): AnswerEvent | undefined {
  const said = (message: string, code: string | undefined): AnswerEvent => ({
    kind: "error",
    problem: { kind: "said", message, code, status },
  });
  if (typeof value.error === "string") return said(value.error, text(value.code));
  const { message, code, type } = record(value.error);
  return typeof message === "string" ? said(message, text(code) ?? text(type)) : undefined;
}
