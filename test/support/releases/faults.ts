/** What is wrong with a release server; each applies to archives, not to the look-up, unless it says otherwise. */
export interface ReleaseFaults {
  /**
   * Cuts the connection at this share of the archive, `times` times (once when left out), and not before `ready` resolves: a
   * client loses what it has not read when the connection breaks, and a test wants to know how much it has.
   */
  cut?: { at: number; times?: number; ready?: () => Promise<void> };
  /** Sends nothing more from this share of the archive on, and keeps the connection. */
  stall?: { at: number; times?: number };
  /** Answers with this status, as often as said, then as it should. */
  status?: { code: number; times: number };
  /** Answers the look-up of a release so. */
  lookupStatus?: { code: number; times: number };
  /** Sends this many bytes every 5 ms. */
  slow?: { bytes: number };
  /** The archive has a changed byte. */
  wrongBytes?: boolean;
  /** Sends the client to another address for archives, as GitHub does: `other` is another origin, `loop` itself. */
  redirect?: "other" | "loop";
  noRange?: boolean;
  /** Neither digests nor sha256sum.txt; `digest`: only the digests are missing. */
  noChecksum?: "all" | "digest";
  /** Added to the Content-Length that is announced. */
  lengthOff?: number;
  /** Announces no length and sends this many bytes more than there are. */
  tooLong?: number;
  /** Another ETag for each answer. */
  newEtags?: boolean;
  noEtag?: boolean;
}

/** Whether a fault that happens a few times happens now. */
export function take(fault: { times?: number } | undefined): boolean {
  if (fault === undefined || fault.times === 0) return false;
  fault.times = (fault.times ?? 1) - 1;
  return true;
}
