import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const ROOT = "/sys/class/power_supply";

/**
 * Whether this Linux machine is on mains, as the kernel's power supplies say; a machine without a battery always is. Undefined
 * in a container that does not show them.
 */
export async function mainsOnLinux(root = ROOT): Promise<boolean | undefined> {
  let names: string[];
  try {
    names = await readdir(root);
  } catch {
    return undefined;
  }
  let battery = false;
  let charges = false;
  let drains = false;
  for (const name of names) {
    const read = (file: string): Promise<string> => value(join(root, name, file));
    const type = await read("type");
    if ((type === "Mains" || type === "USB") && (await read("online")) === "1") return true;
    // A mouse has a battery, too.
    if (type !== "Battery" || (await read("scope")) === "Device") continue;
    battery = true;
    const status = await read("status");
    if (status === "Discharging") drains = true;
    if (status === "Charging" || status === "Full" || status === "Not charging") charges = true;
  }
  // Of two batteries one may rest while the other drains.
  if (drains) return false;
  return !battery || charges ? true : undefined;
}

/** A file that is not there says nothing. */
async function value(path: string): Promise<string> {
  return (await readFile(path, "utf8").catch(() => "")).trim();
}
