export const EXIT = { ok: 0, fatal: 1, usage: 2, aborted: 130 } as const;
