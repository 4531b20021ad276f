/**
 * In place of `pac-proxy-agent` in the executables: it brings a JavaScript parser and an interpreter as a WebAssembly file,
 * a third of the program, for proxies whose address is a script. No system names one in `HTTPS_PROXY`.
 */
export class PacProxyAgent {
  constructor() {
    throw new Error(
      "a proxy given by a PAC script needs the program run from its sources; name the proxy itself",
    );
  }
}
