import "./requests.css";
import { matchPath, path } from "../../lib/router.ts";
import { RequestDetail } from "./detail/request-detail.tsx";
import { RequestList } from "./request-list.tsx";

export default function RequestsPage() {
  const id = matchPath("/requests/:id", path.value)?.id;
  // Another request is another page: nothing of the one before may stay.
  return id === undefined ? <RequestList /> : <RequestDetail key={id} id={id} />;
}
