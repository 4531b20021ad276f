import type { Sample } from "../../../shared/api/metrics.ts";

/** Sums under the values of a few labels. Whoever counts sees to it that there are not many of them. */
export class Tally<Label extends string> {
  readonly #labels: readonly Label[];
  readonly #sums = new Map<string, { values: readonly string[]; sum: number }>();

  constructor(...labels: Label[]) {
    this.#labels = labels;
  }

  /** @param values in the order of the labels */
  add(amount: number, ...values: string[]): void {
    const name = JSON.stringify(values);
    const known = this.#sums.get(name);
    if (known === undefined) this.#sums.set(name, { values, sum: amount });
    else known.sum += amount;
  }

  samples(): Sample[] {
    return [...this.#sums.values()].map(({ values, sum }) => ({
      labels: Object.fromEntries(this.#labels.map((label, at) => [label, values[at] ?? ""])),
      value: sum,
    }));
  }
}
