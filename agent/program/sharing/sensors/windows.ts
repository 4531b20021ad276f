import type { Clock } from "../../../core/clock.ts";
import { HelperProcess } from "./helper-process.ts";

/**
 * Prints a line for each that it gets: the line status of the power supply (0 battery, 1 mains, 255 unknown), and what Windows
 * would tell a program that wants to show a notification.
 */
const SCRIPT = `
Add-Type -AssemblyName System.Windows.Forms
Add-Type -Namespace Owner -Name Shell -MemberDefinition '[DllImport("shell32.dll")] public static extern int SHQueryUserNotificationState(out int state);'
while ($null -ne [Console]::In.ReadLine()) {
  $state = 0
  [void][Owner.Shell]::SHQueryUserNotificationState([ref]$state)
  [Console]::Out.WriteLine("$([int][System.Windows.Forms.SystemInformation]::PowerStatus.PowerLineStatus) $state")
}`;

/** Of SHQueryUserNotificationState: a full-screen program, a full-screen Direct3D program, a presentation. */
const FULL_SCREEN: ReadonlySet<number> = new Set([2, 3, 4]);

export interface WindowsFacts {
  onMains: boolean | undefined;
  fullScreen: boolean | undefined;
}

/** A line of the helper. */
export function windowsFacts(line: string | undefined): WindowsFacts {
  const [, power, state] = /^(\d+) (\d+)$/.exec(line ?? "") ?? [];
  return {
    onMains: power === "1" ? true : power === "0" ? false : undefined,
    // 0: the call failed.
    fullScreen: state === undefined || state === "0" ? undefined : FULL_SCREEN.has(Number(state)),
  };
}

export function windowsHelper(clock: Clock): HelperProcess {
  const encoded = Buffer.from(SCRIPT, "utf16le").toString("base64");
  const args = ["-NoLogo", "-NoProfile", "-NonInteractive", "-EncodedCommand", encoded];
  return new HelperProcess({ command: "powershell.exe", args, clock });
}
