import { RESTARTED_ON_FAILURE } from "../exit-codes.ts";
import type { ServicePlan } from "./service-plan.ts";
import { xmlText } from "./xml-text.ts";

/** The text of a LaunchAgent: starts with the user's session, and again when it fails. */
export function plistText({
  command,
  logFile,
  label,
}: Pick<ServicePlan, "command"> & { logFile: string; label: string }): string {
  const string = (text: string): string => `<string>${xmlText(text)}</string>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  ${string(label)}
  <key>ProgramArguments</key>
  <array>
${command.map((word) => `    ${string(word)}`).join("\n")}
  </array>
  <key>EnvironmentVariables</key>
  <dict>
    <key>${RESTARTED_ON_FAILURE}</key>
    <string>1</string>
  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>10</integer>
  <key>ExitTimeOut</key>
  <integer>30</integer>
  <key>Umask</key>
  <integer>63</integer>
  <key>StandardOutPath</key>
  ${string(logFile)}
  <key>StandardErrorPath</key>
  ${string(logFile)}
</dict>
</plist>
`;
}
