/** True when `version` is not older than `since`; a release candidate counts as its release. */
export function atLeast(version: string, since: string): boolean {
  const have = version.split(/[.-]/).map(Number);
  const want = since.split(".").map(Number);
  for (let k = 0; k < 3; k++) {
    const difference = (have[k] ?? 0) - (want[k] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
