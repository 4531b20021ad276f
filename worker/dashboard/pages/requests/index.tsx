import { common } from "../../text/common/index.ts";
import { requestsText } from "../../text/requests/index.ts";
import { PageHeader } from "../../ui/page-header.tsx";
import { EmptyState } from "../../ui/states.tsx";

export default function RequestsPage() {
  return (
    <>
      <PageHeader title={common.value.nav.requests} />
      <EmptyState title={requestsText.value.empty} />
    </>
  );
}
