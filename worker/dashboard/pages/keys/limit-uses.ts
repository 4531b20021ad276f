import type { KeyView } from "../../../../shared/api/keys.ts";
import type { LimitName } from "./form/key-draft.ts";

/** From this part of a limit on it is worth a look. */
const NEAR = 0.8;

export interface LimitUse {
  name: LimitName;
  used: number;
  limit: number;
  /** 0 to 1, and above where the last answer was longer than what was left. */
  share: number;
  tone: "accent" | "warn" | "bad";
}

/** What is used of each limit that holds. */
export function limitUses(key: Pick<KeyView, LimitName | "usage">): LimitUse[] {
  const { usage } = key;
  const all: [LimitName, number][] = [
    ["rpm", usage.rpm],
    ["tpm", usage.tpm],
    ["tpd", usage.tpd],
    ["max_concurrency", usage.concurrent],
  ];
  return all.flatMap(([name, used]): LimitUse[] => {
    const limit = key[name];
    if (limit === null) return [];
    const share = used / limit;
    return [{ name, used, limit, share, tone: share >= 1 ? "bad" : share >= NEAR ? "warn" : "accent" }];
  });
}

/** The one that will be in the way first; undefined without limits. */
export function tightest(uses: readonly LimitUse[]): LimitUse | undefined {
  return uses.reduce<LimitUse | undefined>(
    (most, use) => (most === undefined || use.share > most.share ? use : most),
    undefined,
  );
}

/** `live`, about to end (within a week), or over: clients are refused. */
export function expiryState(expires_at: string | null, now: number): "live" | "soon" | "expired" {
  if (expires_at === null) return "live";
  const left = Date.parse(expires_at) - now;
  return left <= 0 ? "expired" : left < 7 * 86_400_000 ? "soon" : "live";
}
