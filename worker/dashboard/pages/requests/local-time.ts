/** What a field for date and time shows of an ISO timestamp: the reader's own time, without a zone. */
export function localTime(iso: string): string {
  if (iso === "") return "";
  const at = new Date(iso);
  const shifted = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  const text = shifted.toISOString();
  return text.slice(0, text.endsWith(":00.000Z") ? 16 : 19);
}
