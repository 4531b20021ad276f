import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { protocol, type Session, session } from "electron";
import { PAGE_POLICY, PAGE_SCHEME, pageFile } from "../page-file.ts";

/** Has to be said before Electron is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: PAGE_SCHEME, privileges: { standard: true, secure: true } },
  ]);
}

/** A session that is forgotten when the program ends, has the page's own files and nothing else, and allows nothing. */
export function pageSession(folder: string): Session {
  const own = session.fromPartition("settings");
  own.protocol.handle(PAGE_SCHEME, async (request) => {
    const file = pageFile(request.url);
    if (file === undefined) return new Response(null, { status: 404 });
    return new Response(await readFile(join(folder, file.name)), {
      headers: {
        "content-type": file.type,
        "content-security-policy": PAGE_POLICY,
        "x-content-type-options": "nosniff",
      },
    });
  });
  own.webRequest.onBeforeRequest((details, decide) =>
    decide({ cancel: !details.url.startsWith(`${PAGE_SCHEME}:`) }),
  );
  own.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  own.setPermissionCheckHandler(() => false);
  own.setDevicePermissionHandler(() => false);
  return own;
}
