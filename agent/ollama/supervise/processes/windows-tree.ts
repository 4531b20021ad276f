import { execFile, spawn } from "node:child_process";
import { promisify } from "node:util";
import { type ProcessTable, treeOf } from "./process-table.ts";
import type { Command, ProcessTree, Root } from "./process-tree.ts";
import { startChild } from "./start-child.ts";

const run = promisify(execFile);

/**
 * Puts a process into a Job Object and holds that for as long as this agent lives: however the agent goes, the last handle closes
 * and Windows ends the whole tree (JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE). Runners are started long after it is in place: with the
 * first request.
 */
const holdJob = (pid: number, agent: number): string => `
$ErrorActionPreference = 'Stop'
Add-Type -Namespace Job -Name Api -MemberDefinition @'
[DllImport("kernel32.dll")] public static extern IntPtr CreateJobObject(IntPtr a, string n);
[DllImport("kernel32.dll")] public static extern bool SetInformationJobObject(IntPtr j, int c, byte[] i, int l);
[DllImport("kernel32.dll")] public static extern IntPtr OpenProcess(int a, bool i, int p);
[DllImport("kernel32.dll")] public static extern bool AssignProcessToJobObject(IntPtr j, IntPtr p);
'@
$job = [Job.Api]::CreateJobObject([IntPtr]::Zero, $null)
$limits = New-Object byte[] $(if ([IntPtr]::Size -eq 8) { 144 } else { 112 })
[BitConverter]::GetBytes(0x2000).CopyTo($limits, 16)
[void][Job.Api]::SetInformationJobObject($job, 9, $limits, $limits.Length)
[void][Job.Api]::AssignProcessToJobObject($job, [Job.Api]::OpenProcess(0x101, $false, ${pid}))
Wait-Process -Id ${agent}
`;

/** Without groups and without signals: a Job Object where PowerShell lets us have one, and `taskkill` in any case. */
export class WindowsTree implements ProcessTree {
  readonly #table: ProcessTable;

  constructor(table: ProcessTable) {
    this.#table = table;
  }

  async spawn(command: Command): Promise<Root> {
    const root = await startChild(command, { detached: false });
    const script = Buffer.from(holdJob(root.pid, process.pid), "utf16le").toString("base64");
    const holder = spawn("powershell.exe", ["-NoProfile", "-NonInteractive", "-EncodedCommand", script], {
      windowsHide: true,
      stdio: "ignore",
    });
    // Without PowerShell the tree is ended by taskkill, or by the next start of an agent.
    holder.on("error", () => {});
    void root.ended.then(() => holder.kill());
    return root;
  }

  /** A console program can be asked in no other way: Ctrl-C would reach this agent, too. */
  terminate(root: number): Promise<void> {
    return this.kill(root);
  }

  async kill(root: number): Promise<void> {
    // With the root gone taskkill finds no tree; its children still tell whose they were.
    for (const pid of new Set([root, ...(await this.members(root).catch(() => []))])) {
      await run("taskkill", ["/T", "/F", "/PID", String(pid)], { windowsHide: true }).catch(() => {});
    }
  }

  async members(root: number): Promise<number[]> {
    return treeOf(await this.#table.list(), root).map(({ pid }) => pid);
  }
}
