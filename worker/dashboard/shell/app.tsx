import { session } from "../lib/session.ts";
import { Toasts } from "../ui/toast.tsx";
import { Frame } from "./frame.tsx";
import { LoginPage } from "./login.tsx";

export function App() {
  const who = session.value;
  return (
    <>
      {who === undefined ? null : who === null ? <LoginPage /> : <Frame />}
      <Toasts />
    </>
  );
}
