const encode = (text: string) => new TextEncoder().encode(text);

async function hmac(key: BufferSource, text: string): Promise<ArrayBuffer> {
  const usable = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  return crypto.subtle.sign("HMAC", usable, encode(text));
}

/**
 * A text's HMAC-SHA256 as hex, by a key of its own for each purpose: what was made for one thing is never taken for another.
 * @param secret the admin token's hash: with another token everything that was signed is void
 */
export async function mac(secret: string, purpose: "session" | "csrf", text: string): Promise<string> {
  const digest = await hmac(await hmac(encode(secret), `ollama-coordinator ${purpose}`), text);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
