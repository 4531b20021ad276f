import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { z } from "zod";
import { parseJson } from "../../../core/answer.ts";
import type { ProcessEntry, ProcessTable } from "./process-table.ts";

const run = promisify(execFile);

/** Times as milliseconds: PowerShell's JSON of a date depends on its version. */
const QUERY =
  // Otherwise a path with letters of another script comes in the console's code page.
  "try { [Console]::OutputEncoding = New-Object Text.UTF8Encoding $false } catch {};" +
  " ConvertTo-Json -Compress @(Get-CimInstance Win32_Process | ForEach-Object { @{" +
  " pid = $_.ProcessId; ppid = $_.ParentProcessId; exe = $_.ExecutablePath;" +
  " started = if ($_.CreationDate) { ([DateTimeOffset]$_.CreationDate).ToUnixTimeMilliseconds() } else { 0 } } })";

const rows = z.array(
  z.object({ pid: z.number(), ppid: z.number(), exe: z.string().nullable(), started: z.number() }),
);

/** Windows keeps no groups, but tells a parent's pid even when the parent is gone. */
export const windowsTable: ProcessTable = {
  list: async () => {
    const { stdout } = await run("powershell.exe", ["-NoProfile", "-NonInteractive", "-Command", QUERY], {
      windowsHide: true,
      maxBuffer: 16 * 1024 * 1024,
      timeout: 30_000,
    });
    return parseCim(stdout);
  },
  bootId: async () => "",
};

/** @throws Error when this is not the list */
export function parseCim(output: string): ProcessEntry[] {
  return rows.parse(parseJson(output)).map(({ pid, ppid, exe, started }) => ({
    pid,
    ppid,
    pgid: undefined,
    startedAt: started,
    executable: exe ?? undefined,
  }));
}
