/** Where a request stands: the earlier goes first. Kept over retries, so that a lost agent costs no place. */
export interface Ticket {
  /** When it first arrived, ms; what the queue timeout counts from. */
  arrived: number;
  /** Order among those that arrived in the same millisecond of the same life of this object. */
  number: number;
}

/**
 * Negative when `a` goes first. Time before number: after a reset of the object numbers begin anew, and a retry that it sees
 * again would stand behind everybody.
 */
export function byArrival(a: Ticket, b: Ticket): number {
  return a.arrived - b.arrived || a.number - b.number;
}
