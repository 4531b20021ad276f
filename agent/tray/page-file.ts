/** The settings page's own scheme: nothing else in the world can be loaded under it. */
export const PAGE_SCHEME = "ollama-agent";
export const PAGE_URL = `${PAGE_SCHEME}://settings/index.html`;

const FILES: Record<string, string> = {
  "/index.html": "text/html; charset=utf-8",
  "/page.js": "text/javascript; charset=utf-8",
  "/style.css": "text/css; charset=utf-8",
  "/icon.png": "image/png",
};

/** The same as in index.html, where it also holds for a page that was loaded otherwise. */
export const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The file behind an address of the page's scheme: one of a list, so that no path can lead out of the folder. */
export function pageFile(address: string): { name: string; type: string } | undefined {
  const url = URL.parse(address);
  if (url === null || url.protocol !== `${PAGE_SCHEME}:` || url.host !== "settings") return undefined;
  const type = Object.hasOwn(FILES, url.pathname) ? FILES[url.pathname] : undefined;
  return type === undefined ? undefined : { name: url.pathname.slice(1), type };
}
