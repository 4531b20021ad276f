import { partOf } from "../../shared/lib/form-part.ts";

const decoder = new TextDecoder("latin1");

/** The field's text and the bytes that are it; or why the form is not one that every reader reads alike. */
export type Field = { kind: "value"; text: string; at: [number, number] } | { kind: "odd"; message: string };

/**
 * The text of a form field, once all of it is among `chunks` (the beginning of a multipart body); undefined before. Files may come
 * first and be large, so only what looks like headers is read. Only the plain form that clients write is taken: whatever Go
 * reads in another way (folded lines, `name*0=`, bare line feeds, a preamble) could hide one model behind another.
 */
export function multipartField(
  chunks: readonly Uint8Array[],
  boundary: string,
  field: string,
): Field | undefined {
  // Latin-1 keeps one character a byte, so that positions are byte positions and binary parts do no harm.
  const text = chunks.map((chunk) => decoder.decode(chunk)).join("");
  const delimiter = `--${boundary}`;
  let at = text.startsWith("\r\n") ? 2 : 0;
  for (;;) {
    const start = at + delimiter.length;
    if (text.length < start + 2) return undefined;
    if (!text.startsWith(delimiter, at)) return odd("it does not begin with its boundary");
    if (text.startsWith("--", start)) return undefined;
    if (!text.startsWith("\r\n", start)) return odd("its boundary is not a line");
    const headEnd = text.indexOf("\r\n\r\n", start);
    if (headEnd < 0) return undefined;
    const part = partOf(text.slice(start + 2, headEnd));
    if (typeof part === "string") return odd(part);
    const next = text.indexOf(`\r\n${delimiter}`, headEnd + 2);
    if (part.name === field) {
      if (part.file) return odd(`'${field}' is a file`);
      const from = headEnd + 4;
      return next < 0 ? undefined : { kind: "value", text: utf8(chunks, from, next), at: [from, next] };
    }
    if (next < 0) return undefined;
    at = next + 2;
  }
}

const odd = (why: string): Field => ({ kind: "odd", message: `the form cannot be read: ${why}` });

/** Bytes `[from, to)` as text. Not out of the Latin-1: to a decoder that is windows-1252, in which 0x80 to 0x9F are other characters. */
function utf8(chunks: readonly Uint8Array[], from: number, to: number): string {
  const reader = new TextDecoder();
  let text = "";
  let at = 0;
  for (const chunk of chunks) {
    const part = chunk.subarray(Math.max(0, from - at), Math.max(0, to - at));
    text += reader.decode(part, { stream: true });
    at += chunk.length;
  }
  return text + reader.decode();
}
