/** Compares two Ollama versions such as `0.13.3` and `0.33.0-rc2`; a release candidate is older than its release. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parse(a), parse(b)];
  for (let index = 0; index < 3; index++) {
    const difference = (left.numbers[index] ?? 0) - (right.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  if (left.pre === right.pre) return 0;
  if (left.pre === "") return 1;
  if (right.pre === "") return -1;
  // `rc10` is younger than `rc9`.
  return left.pre.localeCompare(right.pre, "en", { numeric: true });
}

function parse(version: string): { numbers: number[]; pre: string } {
  const [core = "", ...pre] = version.replace(/^v/, "").split("-");
  return { numbers: core.split(".").map((part) => Number.parseInt(part, 10) || 0), pre: pre.join("-") };
}

/** Whether an Ollama of this version has a route that came with `since`; an unknown version (a build of one's own) is trusted. */
export function hasRoute(version: string | undefined, since: string | undefined): boolean {
  if (since === undefined || version === undefined || !/^v?\d+\.\d+/.test(version)) return true;
  if (/^v?0\.0\.0/.test(version)) return true;
  // A release candidate of the version that brought the route has it.
  return compareVersions(version.replace(/-.*$/, ""), since) >= 0;
}
