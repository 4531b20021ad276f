import { arch, networkInterfaces, platform, release, type, version } from "node:os";

/** The operating system as a person would name it. */
export function osName(): string {
  const system = platform() === "win32" ? version() : `${type()} ${release()}`;
  return `${system} ${arch()}`.slice(0, 200);
}

/** An address of this machine for display, before there is a socket to ask; empty when it has none. */
export function displayAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  const outer = addresses.filter((entry) => !entry.internal && !entry.address.startsWith("fe80:"));
  return (outer.find((entry) => entry.family === "IPv4") ?? outer[0])?.address ?? "";
}
