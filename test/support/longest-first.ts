import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that wait for longer than others take: one of these at the end would be waited for by an idle machine. */
const LONGEST = [/eviction\.workerd/, /loss-silence/, /loss-ollama/, /loss-coordinator/];

const rank = ({ moduleId }: TestSpecification): number => {
  const place = LONGEST.findIndex((name) => name.test(moduleId));
  return place === -1 ? LONGEST.length : place;
};

/** The usual order, which knows how long a file took last time but not on a machine that is new to it, after those files. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
