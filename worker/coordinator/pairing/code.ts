/** No I, L and O, which look like digits, and no vowels: no code is a word that somebody would not want on a screen. */
const LETTERS = "BCDFGHJKMNPQRSTVWXYZ";
const LETTER_COUNT = 4;
const DIGIT_COUNT = 4;
const CODES = BigInt(LETTERS.length) ** BigInt(LETTER_COUNT) * 10n ** BigInt(DIGIT_COUNT);

/** Bytes that `makeCode` takes: so many more than a code has that none is likelier than another. */
export const CODE_BYTES = 16;

/** A code such as `XKCD-4821`: one of 1.6 billion. @param random `CODE_BYTES` bytes from a cryptographic source */
export function makeCode(random: Uint8Array): string {
  let number = random.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n) % CODES;
  const take = (count: bigint): number => {
    const digit = Number(number % count);
    number /= count;
    return digit;
  };
  const digits = Array.from({ length: DIGIT_COUNT }, () => String(take(10n)));
  const letters = Array.from({ length: LETTER_COUNT }, () => LETTERS[take(BigInt(LETTERS.length))]);
  return `${letters.join("")}-${digits.join("")}`;
}

const TYPED = new RegExp(`^([${LETTERS}]{${LETTER_COUNT}})(\\d{${DIGIT_COUNT}})$`);

/**
 * The code that a person meant, in whatever way it was typed: small letters, spaces, any dash or none, and the wide letters
 * of a Japanese keyboard. Undefined when it is none.
 */
export function normalCode(typed: string): string | undefined {
  const bare = typed
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[\s\p{Pd}−ー_.]/gu, "");
  const match = TYPED.exec(bare);
  return match === null ? undefined : `${match[1]}-${match[2]}`;
}
