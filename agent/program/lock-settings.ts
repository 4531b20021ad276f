import type { LockedSettings, OwnerSettings } from "./owner-settings.ts";

/** Settings that a flag, the environment or a config file gives; undefined: nobody has said anything. */
export type GivenSettings = { readonly [K in keyof OwnerSettings]?: OwnerSettings[K] | undefined };

/** What holds: what was given at the start beats the owner's file, and cannot be changed while the agent runs. */
export function lockSettings(
  stored: OwnerSettings,
  given: GivenSettings,
): { settings: OwnerSettings; locked: LockedSettings } {
  const settings: OwnerSettings = { ...stored };
  const locked: (keyof OwnerSettings)[] = [];
  for (const name of Object.keys(stored) as (keyof OwnerSettings)[]) {
    if (given[name] === undefined) continue;
    take(settings, name, given[name]);
    locked.push(name);
  }
  return { settings, locked };
}

function take<K extends keyof OwnerSettings>(
  settings: OwnerSettings,
  name: K,
  value: OwnerSettings[K],
): void {
  settings[name] = value;
}

/** Why these changes are refused, naming the first that is locked; undefined: they are not. */
export function lockedChange(changes: Partial<OwnerSettings>, locked: LockedSettings): string | undefined {
  const name = locked.find((each) => changes[each] !== undefined);
  return name === undefined
    ? undefined
    : `${name} was set when the agent was started (flag, environment or --config): change it there`;
}
