import type { GivenSettings } from "../program/lock-settings.ts";
import type { CallSources } from "./commands.ts";
import type { Settings } from "./settings.ts";

/** What was said at the start, and so cannot be changed while the agent runs; a default says nothing. */
export function givenSettings(settings: Settings, sources: CallSources): GivenSettings {
  const given = <K extends keyof Settings & keyof CallSources>(name: K): Settings[K] | undefined =>
    sources[name] === "default" ? undefined : settings[name];
  return {
    coordinator_url: given("coordinatorUrl"),
    name: given("name"),
    max_concurrency: given("maxConcurrency"),
    allow_manage: given("allowManage"),
    allow_cloud: given("allowCloud"),
    auto_start: given("autoStart"),
  };
}
