import type { Clock } from "../../worker/coordinator/deps.ts";
import { exponential, type Random } from "./random.ts";

/** Loses a machine and brings it back, again and again, until the simulation ends. */
export function churn(
  clock: Clock,
  random: Random,
  rates: { perHour: number; awayS: number },
  machine: { lose: () => void; back: () => void },
): void {
  const stay = (): void => {
    clock.after(exponential(random, rates.perHour) * 3_600_000, () => {
      machine.lose();
      clock.after(exponential(random, 1 / rates.awayS) * 1_000, () => {
        machine.back();
        stay();
      });
    });
  };
  stay();
}
