export const BASE = "/dashboard";

/** The path below the base: `/machines/abc`; `/` is the overview. */
export function pathBelow(pathname: string): string {
  const rest = pathname.startsWith(BASE) ? pathname.slice(BASE.length) : pathname;
  const trimmed = rest.replace(/\/+$/, "");
  return trimmed === "" ? "/" : trimmed;
}

/** `/machines/:id` over `/machines/a%20b` → `{ id: "a b" }`; undefined: it is another path. */
export function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const found: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const text = given[at] ?? "";
    if (part.startsWith(":")) {
      try {
        found[part.slice(1)] = decodeURIComponent(text);
      } catch {
        return undefined;
      }
    } else if (part !== text) return undefined;
  }
  return found;
}

/** The address of a page, as an `href`. Values that are empty are left out. */
export function hrefOf(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") search.set(name, value);
  }
  const text = search.toString();
  return `${BASE}${path === "/" ? "" : path}${text === "" ? "" : `?${text}`}`;
}

export type Query = Readonly<Record<string, string | null | undefined>>;
