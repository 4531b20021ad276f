/** Those that models write; others stay as they stand, which everybody can read. */
const NAMED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    amp: "&",
    lt: "<",
    gt: ">",
    quot: '"',
    apos: "'",
    nbsp: "\u00a0",
    copy: "©",
    reg: "®",
    trade: "™",
    deg: "°",
    times: "×",
    divide: "÷",
    plusmn: "±",
    middot: "·",
    bull: "•",
    hellip: "…",
    ndash: "–",
    mdash: "—",
    lsquo: "‘",
    rsquo: "’",
    ldquo: "“",
    rdquo: "”",
    larr: "←",
    uarr: "↑",
    rarr: "→",
    darr: "↓",
    le: "≤",
    ge: "≥",
    ne: "≠",
    infin: "∞",
    euro: "€",
    pi: "π",
    micro: "µ",
  }),
);

const REFERENCE = /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z]+));/g;

/** Text in which `&lt;`, `&#60;` and `&#x3c;` are the signs that they stand for. */
export function withoutEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(REFERENCE, (whole, decimal, hex, name) => {
    if (name !== undefined) return NAMED.get(name) ?? whole;
    return sign(decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal));
  });
}

/** As CommonMark says: what is no character is U+FFFD. */
function sign(code: number): string {
  const none = code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff);
  return none ? "\ufffd" : String.fromCodePoint(code);
}
