/** Ollama's defaults for the parts of a name that are left out (types/model/name.go): host, then namespace. */
const DEFAULT_HOST = /^registry\.ollama\.ai\/(?=[^/]+\/)/;
const DEFAULT_NAMESPACE = /^library\/(?=[^/]+$)/;
/** What may stand in front of a host; Ollama drops it, whatever it is. */
const SCHEME = /^[^/]*:\/\//;

// Spaces around a name, and behind its last colon, are none to Ollama (internal/modelref). Go knows one more than JavaScript
// does, U+0085; unseen, a model of ollama.com would hide behind it.
const SPACE = /[\s\x85]/;
const LOCAL = /:[\s\x85]*local$/;
const CLOUD = /(?::[\s\x85]*|-)cloud$/;

/**
 * The form under which names are compared: lower case, with tag, without Ollama's default host and namespace. Ollama finds
 * `TINY:Latest` as `tiny:latest`, and so must the coordinator.
 */
export function canonicalName(name: string): string {
  // `:local` asks Ollama not to go to ollama.com; which model it names is unchanged.
  const text = trimmed(name)
    .replace(SCHEME, "")
    .replace(DEFAULT_HOST, "")
    .replace(DEFAULT_NAMESPACE, "")
    .replace(LOCAL, "");
  return text.lastIndexOf(":") > text.lastIndexOf("/") ? text : `${text}:latest`;
}

/** Names that Ollama sends to ollama.com, at the expense of the machine owner's account. */
export function isCloudName(name: string): boolean {
  return CLOUD.test(trimmed(name));
}

/** In lower case. Not by a regular expression: one that looks for the last spaces of many is quadratic. */
function trimmed(name: string): string {
  let from = 0;
  let to = name.length;
  while (from < to && SPACE.test(name.charAt(from))) from++;
  while (to > from && SPACE.test(name.charAt(to - 1))) to--;
  return name.slice(from, to).toLowerCase();
}

/** Whether any glob (`*` any characters, `?` one) matches the name, with or without its `:latest`. */
export function allowsModel(globs: readonly string[] | null, name: string): boolean {
  if (globs === null) return true;
  const canonical = canonicalName(name);
  const short = canonical.replace(/:latest$/, "");
  return globs.some((glob) => matches(glob.toLowerCase(), canonical) || matches(glob.toLowerCase(), short));
}

/** Linear-time glob match: a regular expression made of a user's glob can be made to backtrack for minutes. */
function matches(glob: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let mark = 0;
  let index = 0;
  while (index < text.length) {
    if (at < glob.length && glob[at] === "*") {
      star = at++;
      mark = index;
    } else if (at < glob.length && (glob[at] === "?" || glob[at] === text[index])) {
      at++;
      index++;
    } else if (star >= 0) {
      at = star + 1;
      index = ++mark;
    } else {
      return false;
    }
  }
  while (glob[at] === "*") at++;
  return at === glob.length;
}
