import { homedir } from "node:os";
import type { OptionSource, OptionValues } from "../../shared/lib/options.ts";
import type { AGENT_OPTIONS } from "./agent-options.ts";
import type { GivenSettings } from "./lock-settings.ts";
import type { ProgramInvocation } from "./open-program.ts";

type Values = OptionValues<typeof AGENT_OPTIONS>;
type Sources = Readonly<Record<keyof Values, OptionSource>>;

/** The part of a program's start that is the same for every face. */
export function invocationOf(
  values: Values,
  sources: Sources,
  env: ProgramInvocation["env"],
): Omit<ProgramInvocation, "assumeYes" | "attended" | "observe"> {
  return {
    stateDir: values.stateDir,
    env,
    home: homedir(),
    defaultName: values.name,
    given: givenSettings(values, sources),
    joinToken: values.joinToken,
    ollamaUrl: sources.ollamaUrl === "default" ? undefined : values.ollamaUrl,
    heartbeatMs: values.heartbeatSecs === undefined ? undefined : values.heartbeatSecs * 1_000,
    ollamaParallel: values.ollamaParallel,
    machineId: values.machineId,
  };
}

/** What was said at the start, and so cannot be changed while the agent runs; a default says nothing. */
function givenSettings(values: Values, sources: Sources): GivenSettings {
  const given = <K extends keyof Values>(name: K): Values[K] | undefined =>
    sources[name] === "default" ? undefined : values[name];
  return {
    coordinator_url: given("coordinatorUrl"),
    name: given("name"),
    max_concurrency: given("maxConcurrency"),
    allow_manage: given("allowManage"),
    allow_cloud: given("allowCloud"),
    auto_start: given("autoStart"),
  };
}
