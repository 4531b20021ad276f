/**
 * Secrets that this program hands out look like `ock_<43 characters><6 characters>`: a kind, 256 random bits, and a
 * checksum, so that a mistyped or made-up one is refused without asking the object that knows them all.
 */
export const TOKEN_KINDS = { key: "ock", join: "ocj", agent: "oca", admin: "oct", pairing: "ocp" } as const;
export type TokenKind = keyof typeof TOKEN_KINDS;

const SECRET_CHARS = 43;
const CHECKSUM_CHARS = 6;
const PATTERN = /^(ock|ocj|oca|oct|ocp)_([A-Za-z0-9_-]{43})([A-Za-z0-9_-]{6})$/;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Characters of a token that may be shown to recognise it by: the kind and 6 of 43. */
export const SHOWN_CHARS = 10;

/** @param random 32 bytes from a cryptographic source */
export function makeToken(kind: TokenKind, random: Uint8Array): string {
  if (random.length !== 32) throw new Error(`a token needs 32 random bytes, not ${random.length}`);
  const secret = base64url(random).slice(0, SECRET_CHARS);
  return `${TOKEN_KINDS[kind]}_${secret}${checksum(TOKEN_KINDS[kind], secret)}`;
}

/** Whether `text` has the form and checksum of a token of this kind; says nothing of whether it is known. */
export function isToken(kind: TokenKind, text: string): boolean {
  const match = PATTERN.exec(text);
  return match !== null && match[1] === TOKEN_KINDS[kind] && match[3] === checksum(match[1], match[2] ?? "");
}

/** FNV-1a, twice with different seeds: a typing check, not a secret. */
function checksum(kind: string, secret: string): string {
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (const char of `${kind}_${secret}`) {
    const code = char.charCodeAt(0);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ (code + 17), 0x01000193);
  }
  let text = "";
  for (let index = 0; index < CHECKSUM_CHARS; index++) {
    const bits = index < 5 ? (low >>> (index * 6)) & 63 : high & 63;
    text += ALPHABET[bits];
  }
  return text;
}

function base64url(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3);
    const word = (a << 16) | (b << 8) | c;
    for (const shift of [18, 12, 6, 0]) text += ALPHABET[(word >>> shift) & 63];
  }
  return text;
}
