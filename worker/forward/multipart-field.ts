const decoder = new TextDecoder("latin1");

/**
 * The text of a form field, once all of it is among `chunks` (the beginning of a multipart body); undefined before. Files may come
 * first and be large, so only lines that look like headers are decoded.
 */
export function multipartField(
  chunks: readonly Uint8Array[],
  boundary: string,
  field: string,
): string | undefined {
  // Latin-1 keeps one character a byte, so that positions are byte positions and binary parts do no harm.
  const text = chunks.map((chunk) => decoder.decode(chunk)).join("");
  const delimiter = `--${boundary}`;
  let at = text.indexOf(delimiter);
  while (at >= 0) {
    const headEnd = text.indexOf("\r\n\r\n", at);
    if (headEnd < 0) return undefined;
    const head = text.slice(at, headEnd);
    const next = text.indexOf(`\r\n${delimiter}`, headEnd + 2);
    const disposition = /^content-disposition:\s*form-data\s*;(.*)$/im.exec(head)?.[1] ?? "";
    if (/(?:^|;)\s*name="?([^";]+)"?/i.exec(disposition)?.[1] === field && !/filename/i.test(disposition)) {
      return next < 0 ? undefined : utf8(text.slice(headEnd + 4, next));
    }
    at = next < 0 ? -1 : next + 2;
  }
  return undefined;
}

function utf8(latin1: string): string {
  return new TextDecoder().decode(Uint8Array.from(latin1, (char) => char.charCodeAt(0)));
}
