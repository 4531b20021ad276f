import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import { BASE, hrefOf, pathBelow, type Query } from "./paths.ts";

export { BASE, hrefOf, matchPath, type Query } from "./paths.ts";

const here = signal(pathBelow(location.pathname));
const search = signal(location.search);
const moves = signal(0);

/** The path below `/dashboard`, never with a slash at its end. */
export const path: ReadonlySignal<string> = here;
export const query: ReadonlySignal<URLSearchParams> = computed(() => new URLSearchParams(search.value));
/** Goes up with each navigation that a person made: the focus follows it. */
export const navigations: ReadonlySignal<number> = moves;
/** The first part: `machines`; empty on the overview. */
export const area = computed(() => here.value.split("/")[1] ?? "");

function read(): void {
  batch(() => {
    here.value = pathBelow(location.pathname);
    search.value = location.search;
  });
}

/** Asks whether to leave, and calls `go` if so. */
type Guard = (go: () => void) => void;
let guard: Guard | undefined;

/** Until it is called off, nobody leaves the page he is on without being asked. @returns what calls it off */
export function guardLeaving(ask: Guard): () => void {
  guard = ask;
  return () => {
    if (guard === ask) guard = undefined;
  };
}

/** Whether somebody is asked first; `go` is called when he wants it. */
function isHeld(to: string, go: () => void): boolean {
  if (guard === undefined || pathBelow(to) === here.value) return false;
  guard(() => {
    guard = undefined;
    go();
  });
  return true;
}

addEventListener("popstate", () => {
  const { pathname, href } = location;
  const before = hrefOf(here.value) + search.value;
  // The browser has gone already: it is brought back until the question is answered.
  if (isHeld(pathname, () => navigate(href.slice(location.origin.length)))) {
    history.pushState(null, "", before);
    return;
  }
  batch(() => {
    read();
    moves.value++;
  });
});

/** Goes to a page of the dashboard. @param replace without a new step in the history */
export function navigate(to: string, options: { query?: Query; replace?: boolean } = {}): void {
  const url = to.startsWith(BASE) ? to : hrefOf(to, options.query);
  if (isHeld(new URL(url, location.origin).pathname, () => navigate(to, options))) return;
  if (options.replace === true) history.replaceState(null, "", url);
  else history.pushState(null, "", url);
  scrollTo(0, 0);
  batch(() => {
    read();
    moves.value++;
  });
}

/** One value of the query, as filters need it; empty when it is absent. */
export function queryValue(name: string): ReadonlySignal<string> {
  return computed(() => query.value.get(name) ?? "");
}

/** Changes filters in the address, without a new step in the history. */
export function setQuery(changes: Query): void {
  const next = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === "") next.delete(name);
    else next.set(name, value);
  }
  const text = next.toString();
  history.replaceState(null, "", `${location.pathname}${text === "" ? "" : `?${text}`}`);
  read();
}

/** Links of the page navigate inside it; those that open elsewhere are left to the browser. */
export function takeOverLinks(): void {
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (!(link instanceof HTMLAnchorElement) || link.target !== "" || link.hasAttribute("download")) return;
    const url = new URL(link.href);
    if (url.origin !== location.origin) return;
    if (url.pathname !== BASE && !url.pathname.startsWith(`${BASE}/`)) return;
    if (url.hash !== "" && url.pathname === location.pathname) return;
    event.preventDefault();
    navigate(url.pathname + url.search);
  });
}
