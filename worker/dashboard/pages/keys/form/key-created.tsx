import type { KeyCreated } from "../../../../../shared/api/keys.ts";
import { allowsModel } from "../../../../../shared/lib/model-name.ts";
import { call } from "../../../lib/api.ts";
import { useResource } from "../../../lib/resource.ts";
import { common } from "../../../text/common/index.ts";
import { keysText } from "../../../text/keys/index.ts";
import { Button } from "../../../ui/button.tsx";
import { CopyField, SecretOnce } from "../../../ui/copy.tsx";
import { Dialog } from "../../../ui/dialog.tsx";
import { snippetsFor } from "../snippets.ts";

/** A model that many have, for an example where no machine has told of one yet. */
const USUAL_MODEL = "llama3.2";

/** The key, this once, and how it is used. */
export function KeyCreatedView({ created, onClose }: { created: KeyCreated; onClose: () => void }) {
  const t = keysText.value.created;
  const { data } = useResource(
    (signal) => call("GET /api/admin/models", { query: { limit: 100 }, signal }),
    [],
  );
  const model =
    data?.items.find(({ name }) => allowsModel(created.models, name))?.name ??
    created.models?.[0] ??
    USUAL_MODEL;
  return (
    <Dialog
      title={t.title}
      onClose={onClose}
      keep
      size="lg"
      footer={
        <Button kind="primary" onClick={onClose}>
          {common.value.secret.done}
        </Button>
      }
    >
      <SecretOnce value={created.key} label={t.key} />
      <section class="stack stack-sm" aria-labelledby="keys-use">
        <h3 id="keys-use">{t.use}</h3>
        {snippetsFor(location.origin, created.key, model).map(({ id, text }) => (
          <div key={id} class="stack stack-sm">
            <h4 class="keys-snippet">{t.snippets[id]}</h4>
            <CopyField label={t.snippets[id]} value={text} />
          </div>
        ))}
      </section>
    </Dialog>
  );
}
