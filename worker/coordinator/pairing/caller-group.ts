/**
 * Whom an address stands for where callers are counted. An IPv6 customer may have a /48 to choose from, which is enough networks
 * to take every place as somebody else; so all of it is one caller. Addresses that are not known are one caller together.
 */
export function callerGroup(address: string | null): string {
  if (address === null) return "";
  const bare = address.toLowerCase().split("%")[0] ?? "";
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/.exec(bare)?.[1];
  if (mapped !== undefined) return mapped;
  if (!bare.includes(":")) return bare;
  const [head = "", tail] = bare.split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length);
  const parts = [...front, ...Array.from({ length: zeros }, () => "0"), ...back];
  return `${parts
    .slice(0, 3)
    .map((part) => part.replace(/^0+(?=.)/, ""))
    .join(":")}::/48`;
}
