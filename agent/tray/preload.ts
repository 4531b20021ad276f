import { contextBridge, ipcRenderer } from "electron";
import { bridgeOver } from "./bridge.ts";

/** The only thing of the main process that the page can see; it runs in the sandbox, before the page. */
contextBridge.exposeInMainWorld(
  "agent",
  bridgeOver({
    invoke: (channel, payload) => ipcRenderer.invoke(channel, payload),
    on: (channel, listener) => {
      const relay = (_event: unknown, payload: unknown): void => listener(payload);
      ipcRenderer.on(channel, relay);
      return () => ipcRenderer.off(channel, relay);
    },
  }),
);
