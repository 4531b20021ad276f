import { defineConfig } from "vitest/config";

/** Suites of whole processes that share the machine with no other. */
const ALONE = [
  "bounded-memory",
  "cancel",
  "even",
  "executable",
  "fair-queue",
  "in-time",
  "limits",
  "limits-after-loss",
  "loss-*",
  "placement",
  "safe-agents",
  "scheduling",
  "stop",
  "streaming",
].map((name) => `test/e2e/${name}.test.ts`);

/** Answers of the management API are compared with its description, whatever the test is about. */
const CHECKED = ["./test/support/checked-answers-setup.ts"];

/** Each project is an environment that its tests need; a test lives in the first one that can run it. */
export default defineConfig({
  test: {
    // Two cores, and child processes beside the workers.
    maxWorkers: 2,
    projects: [
      {
        // What both ends say to each other: no platform at all, so any would do; Node is the fastest.
        test: { name: "shared", include: ["shared/**/*.test.ts", "test/*.test.ts"], environment: "node" },
      },
      {
        // The brain and the app in plain Node with a fake clock and fake cells: their rules need no platform.
        test: {
          name: "brain",
          include: ["worker/{coordinator,forward,dialects,middleware,routes,db}/**/*.test.ts"],
          exclude: ["**/*.workerd.test.ts"],
          environment: "node",
        },
      },
      // What only the real platform can show: hibernation, eviction, D1.
      "./vitest.workerd.config.ts",
      {
        // The self-hosted program's parts on real Node: files, SQLite, signals.
        test: { name: "serve", include: ["worker/serve/**/*.test.ts"], environment: "node" },
      },
      {
        // The agent on real Node: sockets, files, child processes.
        test: { name: "agent", include: ["agent/**/*.test.ts"], environment: "node" },
      },
      {
        // The stand-ins and the simulator themselves: a wrong one would make every test above it wrong. And the scripts.
        test: {
          name: "support",
          include: ["{test/support,test/simulate,test/soak,scripts}/**/*.test.ts"],
          environment: "node",
        },
      },
      {
        // Whole processes against each other, on both hosts: what they answer.
        test: {
          name: "e2e",
          setupFiles: CHECKED,
          include: ["test/{e2e,conformance}/**/*.test.ts"],
          exclude: ALONE,
          environment: "node",
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // The same, one file at a time: they count processes, memory and milliseconds, or cut each other's time short.
        test: {
          name: "e2e-alone",
          setupFiles: CHECKED,
          include: ALONE,
          environment: "node",
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Pages in a real browser, which is one process tree too many for two files at once.
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          environment: "node",
          fileParallelism: false,
          testTimeout: 60_000,
          // A machine without a browser installs one first.
          hookTimeout: 400_000,
        },
      },
    ],
  },
});
