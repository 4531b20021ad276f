import type { Props, VNode } from "./vnode.ts";

/** What each node was last made from. */
const made = new WeakMap<Node, VNode | string>();
const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "path", "circle", "rect"]);
const OWN = new Set(["key", "on", "value", "checked"]);

/**
 * Makes `parent` hold `children` and changes only what differs: an element that stays is the same element, with its focus,
 * its selection and its scroll.
 */
export function patch(parent: Node, children: readonly (VNode | string)[]): void {
  const old = [...parent.childNodes].filter((node) => made.has(node));
  const kept = children.map((child) => {
    const at = old.findIndex((node) => fits(made.get(node), child));
    return at === -1 ? undefined : old.splice(at, 1)[0];
  });
  for (const node of old) node.parentNode?.removeChild(node);
  // Nodes that stay are never moved out of their order: moving one takes the focus from it.
  let cursor = parent.firstChild;
  children.forEach((child, at) => {
    const node = kept[at] ?? create(child);
    update(node, child);
    if (node === cursor) cursor = node.nextSibling;
    else parent.insertBefore(node, cursor);
  });
}

function fits(before: VNode | string | undefined, now: VNode | string): boolean {
  if (before === undefined || typeof before === "string" || typeof now === "string") {
    return typeof before === "string" && typeof now === "string";
  }
  return before.tag === now.tag && before.props.key === now.props.key;
}

function create(child: VNode | string): Node {
  if (typeof child === "string") return document.createTextNode(child);
  return SVG_TAGS.has(child.tag)
    ? document.createElementNS(SVG, child.tag)
    : document.createElement(child.tag);
}

function update(node: Node, now: VNode | string): void {
  const before = made.get(node);
  made.set(node, now);
  if (typeof now === "string") {
    if (before !== now) node.nodeValue = now;
    return;
  }
  if (!(node instanceof Element)) return;
  const last = typeof before === "object" ? before.props : {};
  attributes(node, last, now.props);
  listeners(node, last, now.props);
  patch(node, now.children);
  // After the children: a select takes only a value that one of its options has.
  control(node, last, now.props);
}

function attributes(element: Element, last: Props, now: Props): void {
  for (const name of new Set([...Object.keys(last), ...Object.keys(now)])) {
    if (OWN.has(name) || last[name] === now[name]) continue;
    const value = now[name];
    if (value === undefined || value === null || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

function listeners(element: Element, last: Props, now: Props): void {
  for (const name of new Set([...Object.keys(last.on ?? {}), ...Object.keys(now.on ?? {})])) {
    // The handler is looked up when it is called, so a new one for the same event needs nothing.
    if (last.on !== undefined && name in last.on) continue;
    element.addEventListener(name, (event) => {
      const current = made.get(element);
      if (typeof current !== "object") return;
      const handler: unknown = new Map<string, unknown>(Object.entries(current.props.on ?? {})).get(name);
      if (typeof handler === "function") handler(event);
    });
  }
}

/** What a control holds is its user's: it is set when the value to show is another one, or nobody is at it. */
function control(element: Element, last: Props, now: Props): void {
  if (element instanceof HTMLInputElement && now.checked !== undefined) element.checked = now.checked;
  if (now.value === undefined) return;
  if (element instanceof HTMLProgressElement) element.value = Number(now.value);
  if (element instanceof HTMLOptionElement) element.value = now.value;
  if (!(element instanceof HTMLInputElement || element instanceof HTMLSelectElement)) return;
  if (element.value === now.value) return;
  if (last.value !== now.value || document.activeElement !== element) element.value = now.value;
}
