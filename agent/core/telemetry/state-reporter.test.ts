import { expect, test } from "vitest";
import type { AgentState } from "../../../shared/protocol/messages.ts";
import { StateReporter } from "./state-reporter.ts";

function reporting() {
  const sent: AgentState[] = [];
  const line = { up: true };
  const reporter = new StateReporter((changes) => {
    if (line.up) sent.push(changes);
    return line.up;
  });
  return { sent, line, reporter };
}

test("only fields that differ are sent, compared by what they contain", () => {
  const { sent, reporter } = reporting();
  reporter.update({ ollama: "ok", models: [{ name: "a" }] });
  reporter.update({ ollama: "ok", models: [{ name: "a" }] });
  reporter.update({ ollama: "ok", models: [{ name: "a" }, { name: "b" }] });
  expect(sent).toEqual([
    { ollama: "ok", models: [{ name: "a" }] },
    { models: [{ name: "a" }, { name: "b" }] },
  ]);
});

test("what nobody heard is said once somebody listens", () => {
  const { sent, line, reporter } = reporting();
  line.up = false;
  reporter.update({ cpu_usage: 1 });
  reporter.update({ cpu_usage: 2, memory_usage: 3 });
  line.up = true;
  reporter.flush();
  reporter.flush();
  expect(sent).toEqual([{ cpu_usage: 2, memory_usage: 3 }]);
});

test("HELLO carries everything, and only what changes after it is sent", () => {
  const { sent, reporter } = reporting();
  reporter.update({ ollama: "ok", cpu_usage: 1 });
  sent.length = 0;
  expect(reporter.full()).toEqual({ ollama: "ok", cpu_usage: 1 });
  reporter.update({ ollama: "ok", cpu_usage: 7 });
  expect(sent).toEqual([{ cpu_usage: 7 }]);
});
