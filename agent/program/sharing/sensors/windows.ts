import type { Clock } from "../../../core/clock.ts";
import { HelperProcess } from "./helper-process.ts";

/**
 * PowerShell reads its commands from its input, a line at a time. Given a script, it would read the same input to its end before it
 * runs that, so a script that waits there for questions hears none. A statement over several lines would wait for an empty one.
 */
const ARGS = ["-NoLogo", "-NoProfile", "-NonInteractive", "-InputFormat", "Text", "-Command", "-"];

const PROLOGUE = [
  "Add-Type -AssemblyName System.Windows.Forms",
  "Add-Type -Namespace Owner -Name Shell -MemberDefinition '[DllImport(\"shell32.dll\")] public static extern int SHQueryUserNotificationState(out int state);'",
  "",
].join("\r\n");

/**
 * Prints the line status of the power supply (0 battery, 1 mains, 255 unknown), and what Windows would tell a program that wants to
 * show a notification.
 */
const QUESTION = [
  "$state = 0",
  "[void][Owner.Shell]::SHQueryUserNotificationState([ref]$state)",
  '[Console]::Out.WriteLine("$([int][System.Windows.Forms.SystemInformation]::PowerStatus.PowerLineStatus) $state")\r\n',
].join("; ");

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

/** @param command for tests: whatever reads PowerShell's language */
export function windowsHelper(clock: Clock, command = "powershell.exe"): HelperProcess {
  return new HelperProcess({ command, args: ARGS, prologue: PROLOGUE, question: QUESTION, clock });
}
