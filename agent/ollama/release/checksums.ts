/** `sha256sum.txt` as `find | xargs sha256sum` writes it: hex, two spaces (or a star), often `./`, name. */
export function parseChecksums(text: string): Map<string, string> {
  const sums = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, hex, name] = /^([0-9a-f]{64}) [ *](?:\.\/)?(\S+)\s*$/i.exec(line) ?? [];
    if (hex !== undefined && name !== undefined) sums.set(name, hex.toLowerCase());
  }
  return sums;
}

/** The SHA-256 in an asset's `digest`. */
export function digestOf(digest: string | null | undefined): string | undefined {
  return /^sha256:([0-9a-f]{64})$/i.exec(digest ?? "")?.[1]?.toLowerCase();
}
