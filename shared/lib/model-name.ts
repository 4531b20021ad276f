/** Ollama's defaults for the parts of a name that are left out (types/model/name.go): host, then namespace. */
const DEFAULT_HOST = /^registry\.ollama\.ai\/(?=[^/]+\/)/;
const DEFAULT_NAMESPACE = /^library\/(?=[^/]+$)/;

/**
 * The form under which names are compared: lower case, with tag, without Ollama's default host and namespace. Ollama finds
 * `TINY:Latest` as `tiny:latest`, and so must the coordinator.
 */
export function canonicalName(name: string): string {
  let text = name.trim().toLowerCase().replace(DEFAULT_HOST, "").replace(DEFAULT_NAMESPACE, "");
  // `:local` asks Ollama not to go to ollama.com; which model it names is unchanged.
  if (text.endsWith(":local")) text = text.slice(0, -":local".length);
  return text.lastIndexOf(":") > text.lastIndexOf("/") ? text : `${text}:latest`;
}

/** Names that Ollama sends to ollama.com, at the expense of the machine owner's account. */
export function isCloudName(name: string): boolean {
  return /(:|-)cloud$/i.test(name.trim());
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
