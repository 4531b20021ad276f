import fc from "fast-check";
import { expect, test } from "vitest";
import { FifoLine, type Ticket } from "./queue.ts";

const waiter = (arrived: number, number: number): { ticket: Ticket } => ({ ticket: { arrived, number } });

test("whatever the order in which they join, they are tried in the order in which they arrived", () => {
  const tickets = fc.array(fc.tuple(fc.nat(20), fc.nat(1_000)), { maxLength: 40 });
  fc.assert(
    fc.property(tickets, (all) => {
      const line = new FifoLine<{ ticket: Ticket }>();
      const waiters = all.map(([arrived, number]) => waiter(arrived, number));
      for (const each of waiters) line.add(each);
      const expected = [...waiters].sort(
        (a, b) => a.ticket.arrived - b.ticket.arrived || a.ticket.number - b.ticket.number,
      );
      expect([...line].map(({ ticket }) => ticket)).toEqual(expected.map(({ ticket }) => ticket));
    }),
  );
});

test("a retry that outlived a reset stands before those that came after it, whatever its number says", () => {
  const line = new FifoLine<{ ticket: Ticket }>();
  const before = waiter(1_000, 5_000);
  const after = waiter(2_000, 1);
  line.add(after);
  line.add(before);
  expect([...line]).toEqual([before, after]);
});

test("leaving twice takes nobody else along", () => {
  const line = new FifoLine<{ ticket: Ticket }>();
  const [first, second] = [waiter(1, 1), waiter(1, 2)];
  line.add(first);
  line.add(second);
  line.remove(first);
  line.remove(first);
  expect([...line]).toEqual([second]);
  expect(line.length).toBe(1);
});
