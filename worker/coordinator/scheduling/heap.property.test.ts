import fc from "fast-check";
import { expect, test } from "vitest";
import { Heap } from "./heap.ts";

interface Item {
  rank: number;
  id: number;
}

const step = fc.record({
  do: fc.constantFrom("add", "take", "remove", "move"),
  rank: fc.nat(50),
  which: fc.nat(30),
});

test("whatever joins, leaves from the middle or changes its rank: the smallest is always first", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new Heap<Item>((a, b) => a.rank - b.rank);
      const model: Item[] = [];
      steps.forEach(({ do: what, rank, which }, id) => {
        const some = model[which % Math.max(1, model.length)];
        if (what === "add") {
          const item = { rank, id };
          heap.add(item);
          heap.add(item);
          model.push(item);
        } else if (what === "take" && heap.first !== undefined) {
          const { first } = heap;
          expect(heap.remove(first)).toBe(true);
          expect(heap.remove(first)).toBe(false);
          model.splice(model.indexOf(first), 1);
        } else if (what === "remove" && some !== undefined) {
          heap.remove(some);
          model.splice(model.indexOf(some), 1);
        } else if (what === "move" && some !== undefined) {
          some.rank = rank;
          heap.moved(some);
        }
        expect(heap.size).toBe(model.length);
        expect(heap.first?.rank).toBe(
          model.length === 0 ? undefined : Math.min(...model.map((item) => item.rank)),
        );
        expect([...heap].every((item) => heap.has(item) && model.includes(item))).toBe(true);
      });
    }),
  );
});
