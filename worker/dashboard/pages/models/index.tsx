import { common } from "../../text/common/index.ts";
import { modelsText } from "../../text/models/index.ts";
import { PageHeader } from "../../ui/page-header.tsx";
import { EmptyState } from "../../ui/states.tsx";

export default function ModelsPage() {
  return (
    <>
      <PageHeader title={common.value.nav.models} />
      <EmptyState title={modelsText.value.empty} />
    </>
  );
}
