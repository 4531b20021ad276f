import type { Text } from "./en.ts";

export const ja = {
  intro:
    "すべての Ollama マシンをひとつの HTTPS エンドポイントに。NAT の内側にあるマシンを、Ollama サーバー、OpenAI API、Anthropic API として提供します。",
  versions: "バージョン",
  coordinator: "コーディネーター",
  agents: "マシン上のエージェント",
  ollama: "マシン上の Ollama",
  none: "マシンなし",
  onMachines: (version: string, n: number) => `${version}（${n} 台）`,
  address: "クライアント用アドレス",
  addressHint:
    "クライアントキーとともに使用します。ollama、OpenAI、Anthropic の各ライブラリがそのまま動作します。",
  ollamaApi: "Ollama API",
  openaiApi: "OpenAI API",
  anthropicApi: "Anthropic API",
  links: "その他",
  docs: "API ドキュメント",
  openapi: "OpenAPI 定義",
  metrics: "Prometheus 用メトリクス",
  health: "ヘルスチェック",
  you: "ログイン情報",
  role: "役割",
  roles: { admin: "管理者", viewer: "閲覧者" },
  via: "ログイン方法",
  vias: { token: "トークン", access: "Cloudflare Access" },
  expires: "セッションの終了",
  noEnd: "自動では終了しません",
  clock: "コーディネーターの時計",
  clockOff: (by: string) => `このコンピューターとの差：${by}`,
  clockSame: "このコンピューターと一致",
} satisfies Text;
