const PART = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}$/;

/** The name as tags and ps show it: shortest form, but always with a tag. */
export function displayName(name: string): string {
  let short = name.trim().replace(/^registry\.ollama\.ai\//i, "");
  short = short.replace(/^library\//i, "");
  // ":local" only says that no cloud is wanted.
  short = short.replace(/:local$/i, "");
  return short.lastIndexOf(":") > short.lastIndexOf("/") ? short : `${short}:latest`;
}

/** Ollama finds models without regard to case. */
export function modelKey(name: string): string {
  return displayName(name).toLowerCase();
}

export function isCloudName(name: string): boolean {
  return /[:-]cloud$/i.test(name.trim());
}

export function isValidName(name: string): boolean {
  const shown = displayName(name);
  const colon = shown.lastIndexOf(":");
  const parts = shown.slice(0, colon).split("/");
  const host = parts.length > 2 ? parts.shift() : undefined;
  if (host !== undefined && !/^[A-Za-z0-9_][\w.:-]{0,349}$/.test(host)) return false;
  return parts.length <= 2 && [...parts, shown.slice(colon + 1)].every((part) => PART.test(part));
}
