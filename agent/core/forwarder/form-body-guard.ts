import { formBoundary } from "../../../shared/lib/form-boundary.ts";
import { partOf } from "../../../shared/lib/form-part.ts";
import type { BodyGuard, Refuse } from "./body-guard.ts";
import { forbiddenModel } from "./name-scan.ts";

/** Longest head of a part, and longest name of a model, characters; longer ones are refused. */
const MOST_CHARS = 4_096;

/**
 * Looks at the models that a form names. Of several Ollama takes the first, so that they are no conflict; but none may be one
 * that the owner does not allow. As bytes are looked at before they go on, a form that is refused has never reached Ollama whole.
 */
export class FormBodyGuard implements BodyGuard {
  readonly #allows: (model: string) => boolean;
  readonly #refuse: Refuse;
  /** Undefined: what it is made of cannot be told. */
  readonly #delimiter: string | undefined;
  /** What was not looked at yet, one character a byte. The line break lets the first delimiter be found like the others. */
  #text = "\r\n";
  #at: "start" | "head" | "model" | "other" | "end" = "start";

  constructor(
    headers: readonly (readonly [string, string])[],
    allows: (model: string) => boolean,
    refuse: Refuse,
  ) {
    const type = headers.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
    const boundary = formBoundary(type);
    this.#delimiter = boundary === undefined ? undefined : `\r\n--${boundary}`;
    this.#allows = allows;
    this.#refuse = refuse;
  }

  take(bytes: Uint8Array, pass: (bytes: Uint8Array) => void): void {
    this.#text += Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
    if (this.#look()) pass(bytes);
  }

  end(done: () => void): void {
    done();
  }

  close(): void {
    this.#text = "";
  }

  /** Whether nothing speaks against what has come so far. */
  #look(): boolean {
    const delimiter = this.#delimiter;
    if (delimiter === undefined) return this.#odd("its content-type names no boundary");
    if (this.#at === "start" && !this.#start(delimiter)) return false;
    if (this.#at === "start") return true;
    for (;;) {
      const last = this.#text.length;
      if (this.#at === "end") {
        this.#text = "";
        return true;
      }
      const looked = this.#at === "head" ? this.#head() : this.#body(delimiter, this.#at);
      if (!looked) return false;
      if (this.#text.length === last) break;
    }
    if (this.#at !== "other" && this.#text.length > MOST_CHARS) return this.#odd("a part is too long");
    if (this.#at === "other") this.#text = this.#text.slice(-delimiter.length);
    return true;
  }

  /** The first delimiter comes first: what stands in front of it, and is not one to us, may be one to Go. */
  #start(delimiter: string): boolean {
    if (this.#text.startsWith("\r\n\r\n")) this.#text = this.#text.slice(2);
    const first = `${delimiter}\r\n`;
    const known = Math.min(first.length, this.#text.length);
    if (!this.#text.startsWith(first.slice(0, known)) && !"\r\n\r\n".startsWith(this.#text))
      return this.#odd("it does not begin with its boundary");
    if (this.#text.length >= first.length) this.#at = "other";
    return true;
  }

  /** Behind a delimiter: the end of the form, or a part's head. */
  #head(): boolean {
    if (this.#text.length < 2) return true;
    if (this.#text.startsWith("--")) {
      this.#at = "end";
      this.#text = "";
      return true;
    }
    if (!this.#text.startsWith("\r\n")) return this.#odd("its boundary is not a line");
    const end = this.#text.indexOf("\r\n\r\n");
    if (end < 0) return true;
    const part = partOf(this.#text.slice(2, end));
    if (typeof part === "string") return this.#odd(part);
    this.#at = part.name.toLowerCase() === "model" ? "model" : "other";
    // The line break before an empty value is that of its delimiter, too.
    this.#text = this.#text.slice(end + 2);
    return true;
  }

  #body(delimiter: string, at: "model" | "other"): boolean {
    const end = this.#text.indexOf(delimiter);
    if (end < 0) return true;
    if (at === "model") {
      const name = Buffer.from(this.#text.slice(2, end), "latin1").toString("utf8");
      if (!this.#allows(name)) {
        const { code, reason } = forbiddenModel(name);
        this.#refuse(code, reason);
        return false;
      }
    }
    this.#at = "head";
    this.#text = this.#text.slice(end + delimiter.length);
    return true;
  }

  #odd(why: string): boolean {
    this.#refuse("body_refused", `the form cannot be read: ${why}`);
    return false;
  }
}
