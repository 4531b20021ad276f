import { expect, test } from "vitest";
import { type JobRun, JobSlot } from "./job-slot.ts";

test("what a job says after its end does not change what is told of the next one", async () => {
  const slot = new JobSlot(
    () => {},
    () => {},
  );
  let late: JobRun | undefined;
  slot.begin("pull", "a", async (run) => {
    late = run;
  });
  await slot.ended;
  const { promise, resolve } = Promise.withResolvers<void>();
  slot.begin("update", "0.33.0", () => promise);
  late?.report({ step: "downloading", subject: "a" });
  expect(slot.state).toMatchObject({ kind: "update", subject: "0.33.0", step: "waiting" });
  resolve();
  await slot.ended;
});
