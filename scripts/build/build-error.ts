/** What whoever builds can act on; one line. */
export class BuildError extends Error {}
