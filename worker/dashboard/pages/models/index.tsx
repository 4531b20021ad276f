import { useEffect } from "preact/hooks";
import { useModels } from "../../lib/models.ts";
import { navigate, path, queryValue, setQuery } from "../../lib/router.ts";
import { ModelDetail } from "./detail/model-detail.tsx";
import { ModelList } from "./model-list.tsx";
import { PullDialog } from "./pull/pull-dialog.tsx";
import "./models.css";

const name = queryValue("model");
const pull = queryValue("pull");

/** Names contain slashes and colons, so the one that is shown stands in the query: `/models?model=…`. */
export default function ModelsPage() {
  const models = useModels();
  const known = path.value === "/models";
  useEffect(() => {
    if (!known) navigate("/models", { replace: true });
  }, [known]);
  return (
    <>
      {name.value === "" ? (
        <ModelList models={models} />
      ) : (
        <ModelDetail key={name.value} name={name.value} models={models} />
      )}
      {pull.value !== "" && (
        <PullDialog name={name.value} models={models.data ?? []} onClose={() => setQuery({ pull: null })} />
      )}
    </>
  );
}
