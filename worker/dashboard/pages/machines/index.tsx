import { useEffect } from "preact/hooks";
import { matchPath, navigate, path } from "../../lib/router.ts";
import { MachineDetail } from "./detail/machine-detail.tsx";
import { MachineList } from "./machine-list.tsx";
import "./machines.css";

export default function MachinesPage() {
  const here = path.value;
  const id = matchPath("/machines/:id", here)?.id;
  const known = here === "/machines" || id !== undefined;
  useEffect(() => {
    if (!known) navigate("/machines", { replace: true });
  }, [known]);
  return id === undefined ? <MachineList /> : <MachineDetail key={id} id={id} />;
}
