const HARMLESS = new Set(["http:", "https:", "mailto:"]);

/** Where a link may lead; undefined: it is none. Nothing leads into the dashboard itself, so a link has to be absolute. */
export function safeLink(href: string): string | undefined {
  if (!URL.canParse(href)) return undefined;
  const url = new URL(href);
  return HARMLESS.has(url.protocol) ? url.href : undefined;
}
