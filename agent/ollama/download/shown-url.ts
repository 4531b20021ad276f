/** A URL as a message may show it: user, password and signed query stay out. */
export function shownUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}
