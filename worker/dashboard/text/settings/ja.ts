import type { Text } from "./en.ts";

export const ja = {
  subtitle: "コーディネーターの選び方、待ち方、保存のしかた",
  groups: {
    choosing: "マシンの選択",
    queue: "待機",
    times: "時間の上限",
    names: "モデルの別名",
    keeping: "履歴とアクセス",
    yours: "このブラウザー",
  },
  fields: {
    strategy: "選択方法",
    "queue.max_length": "待機できるリクエスト数",
    "queue.timeout_s": "最長の待ち時間",
    resume_window_s: "切断したマシンを待つ時間",
    connect_timeout_s: "Ollama への接続",
    first_byte_timeout_s: "最初のトークンまで",
    idle_timeout_s: "最長の無応答",
    retention_days: "履歴の保存期間",
    cors_origins: "呼び出しを許可する Web ページ",
    aliases: "別名",
    fallbacks: "フォールバック",
  },
  hints: {
    strategy: "モデルを持つマシンのうち、どれに次のリクエストを送るか。",
    "queue.max_length":
      "すべてのマシンが使用中のとき、この数まで待機します。それを超えるものは 429 で拒否されます。0 は待機なしです。",
    "queue.timeout_s": "この時間待ったリクエストは 504 で終了します。",
    resume_window_s:
      "マシンの接続が切れたとき、回答の途中のストリームはこの時間だけ復帰を待ち、続きから再開します。0 は待ちません。",
    connect_timeout_s: "この時間内に Ollama に接続できないマシンは失敗とみなし、別のマシンを試します。",
    first_byte_timeout_s:
      "リクエストから回答の最初のバイトまで。遅いディスクから大きなモデルを読み込む時間も含みます。",
    idle_timeout_s: "回答の途中でこの時間何も届かなければ終了します。",
    retention_days: "これより古いリクエストとイベントは削除されます。統計の集計はより長く残ります。",
    cors_origins:
      "クライアント API を呼び出せる Web ページのオリジン（例：https://app.example）。* はすべて許可します。Web ページ以外のプログラムには影響しません。",
    aliases:
      "プログラムが指定する名前と、実際に回答するモデル。モデル名が固定されたプログラムに使います（例：gpt-4o-mini）。",
    fallbacks:
      "どのマシンにもモデルがない、またはオフラインのマシンにしかないとき、この中で最初に使えるものが回答します。",
  },
  strategies: {
    auto: "自動",
    "round-robin": "順番",
    "least-loaded": "最小負荷",
    weighted: "重み付け",
  },
  strategyHints: {
    auto: "会話は、それをキャッシュに持つマシンで続けます。モデルの読み込みをできるだけ減らし、次に空きスロットと速さで選びます。ほとんどの場合に適しています。",
    "round-robin":
      "状態に関係なく、最後に使われてから最も時間がたったマシンを選びます。同じ性能のマシンに公平です。",
    "least-loaded": "モデルの読み込みが必要でも、スロットあたりのリクエストが最も少ないマシンを選びます。",
    weighted: "各マシンに設定した重みに比例して順番が回ります。性能の異なるマシンに適しています。",
  },
  units: { requests: "件", seconds: "秒", days: "日" },
  range: (min: string, max: string) => `${min}～${max}。`,
  default: (value: string) => `既定値：${value}。`,
  nothing: "なし",
  reset: "既定値に戻す",
  resetField: (field: string) => `既定値に戻す：${field}`,
  locked: "環境で設定",
  lockedWhy:
    "コーディネーターの起動時の環境（変数またはフラグ）で設定されています。環境を変更し、コーディネーターを再起動してください。",
  tables: {
    asked: "指定される名前",
    answers: "回答するモデル",
    order: "使用する順番",
    addAlias: "別名を追加",
    addFallback: "フォールバックを追加",
    noAliases: "別名はありません。プログラムはモデルを本来の名前で指定する必要があります。",
    noFallbacks: "フォールバックはありません。どのマシンにもないモデルはエラーになります。",
    aliasName: (row: string) => `指定される名前（${row} 行目）`,
    aliasTarget: (row: string) => `回答するモデル（${row} 行目）`,
    fallbackName: (row: string) => `指定されるモデル（${row} 行目）`,
    fallbackModels: (row: string) => `使用するモデル（${row} 行目）`,
    remove: (row: string) => `${row} 行目を削除`,
    placeholderName: "gpt-4o-mini",
    placeholderModel: "llama3.2:3b",
  },
  faults: {
    missing: "数値を入力してください。",
    twice: "同じ名前が二つあります。名前は一度だけ使えます。",
    empty: "入力が足りない行があります。入力するか削除してください。",
  },
  bar: {
    label: "変更",
    changed: (_n: number, shown: string) => `未保存の変更 ${shown} 件`,
    save: "保存",
    discard: "破棄",
    saved: "設定を保存しました。すぐに反映されます。",
    failed: (what: string) => `何も保存されませんでした。${what}`,
    check: "何も保存されませんでした。印の付いた項目を確認してください。",
  },
  elsewhere: {
    taken: (fields: string) => `他の場所で変更されました：${fields}。`,
    conflict: "この項目は他の場所でも変更されました。保存するとあなたの値で上書きします。",
    theirs: "他の値を使う",
  },
  leave: {
    title: "保存せずに移動しますか？",
    text: "設定の変更は保存されていません。移動すると失われます。",
    stay: "このページに残る",
    leave: "保存せずに移動",
  },
  yours: { hint: "この二つはこのブラウザーに保存され、あなただけに適用されます。すぐに変わります。" },
  command: "設定を保存",
} satisfies Text;
